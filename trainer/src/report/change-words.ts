import type { Change, Changes } from './changes.js';
import { count, formatProblem, formatRange, formatRatio, formatSignificant } from './format.js';
import { deviceName, type Report } from './model.js';
import type { PlainTable } from './plain-table.js';
import type { Trend } from './trends.js';
import { intervalWords } from './words.js';

// What every output says of changes against an earlier report, and of trends.

/** Says how many rows changed, and how. */
export function changesSentence({ against, rows }: Changes): string {
  const of = (kind: Change['kind']): number => rows.filter((row) => row.kind === kind).length;
  const compared = of('slower') + of('faster') + of('same');
  const parts = [`${of('slower')} slower`, `${of('faster')} faster`, `${of('same')} with no measured difference`];
  const single = [
    ...(of('new') > 0 ? [`${of('new')} new`] : []),
    ...(of('gone') > 0 ? [`${of('gone')} not measured again`] : []),
  ];
  return `Against ${against}: of ${count(compared, 'algorithm')} measured in both, ${parts.join(', ')}${single.length > 0 ? `; ${single.join(', ')}` : ''}.`;
}

/** Makes the table of what differs; what does not is only counted. */
export function changesTable(report: Report, { against, rows }: Changes): PlainTable {
  return {
    caption: `Changes against ${against}`,
    columns: [
      { title: 'Device' },
      { title: 'Problem' },
      { title: 'Algorithm' },
      { title: 'Program' },
      { title: 'Before', isNumber: true },
      { title: 'After', isNumber: true },
      { title: 'After / before', isNumber: true },
      { title: 'Change' },
    ],
    rows: rows
      .filter(({ kind }) => kind !== 'same')
      .map((change) => [
        ...placeOf(report, change),
        change.before === null ? '' : intervalWords(change.before),
        change.after === null ? '' : intervalWords(change.after),
        change.ratio === null ? '' : intervalWords(change.ratio),
        change.kind,
      ]),
  };
}

/** Most algorithms that the terminal names of those that one of the two reports lacks. */
const NAMED = 3;

/** Writes a line for each algorithm that became slower or faster, and one for all that only one of the two reports has. */
export function changeLines(report: Report, { rows }: Changes): string[] {
  const lines = rows.flatMap(({ before, after, ratio, kind, ...row }) =>
    before === null || after === null || ratio === null || kind === 'same'
      ? []
      : [
          `${kind}: ${placeWords(report, row)}: ${intervalWords(after)} after ${intervalWords(before)}, a ratio of ${intervalWords(ratio)}`,
        ],
  );
  return [...lines, ...(['new', 'gone'] as const).flatMap((kind) => single(report, kind, rows))];
}

function single(report: Report, kind: 'new' | 'gone', all: readonly Change[]): string[] {
  const rows = all.filter((row) => row.kind === kind);
  if (rows.length === 0) return [];
  const more = rows.length > NAMED ? `; and ${rows.length - NAMED} more, in the report` : '';
  const named = rows.slice(0, NAMED).map((row) => placeWords(report, row));
  return [`${kind === 'gone' ? 'not measured again' : kind}: ${named.join('; ')}${more}`];
}

/** Writes a line for each algorithm that regressed. */
export function regressionLines(report: Report, trends: readonly Trend[]): string[] {
  return trends
    .filter(({ hasRegressed }) => hasRegressed)
    .map(({ newest, change, earlier, deviations, ...row }) => {
      const effect =
        deviations === null ? '' : `, ${formatSignificant(Math.abs(deviations), 2)} standard deviations below it`;
      return `regressed: ${placeWords(report, row)}: ${formatRatio(newest)}, which is ${intervalWords(change)} of the median of ${count(earlier.length, 'job')} before${effect}`;
    });
}

function placeWords(report: Report, row: Parameters<typeof placeOf>[1]): string {
  const [device, problem, label, program] = placeOf(report, row);
  return `${label} on ${device}, ${problem}, ${program}`;
}

/** Says how many algorithms have a history, and how many regressed. */
export function trendsSentence(trends: readonly Trend[]): string {
  if (trends.length === 0) return 'No algorithm was measured often enough on one device to tell a regression.';
  const regressed = trends.filter(({ hasRegressed }) => hasRegressed).length;
  return `${regressed === 0 ? 'None' : String(regressed)} of ${count(trends.length, 'algorithm')} with a history regressed.`;
}

/** Makes the table of trends, regressions first. */
export function trendsTable(report: Report, trends: readonly Trend[]): PlainTable {
  const inOrder = [...trends].sort(
    (a, b) => Number(b.hasRegressed) - Number(a.hasRegressed) || a.change.estimate - b.change.estimate,
  );
  return {
    caption: 'Newest job against the rolling median',
    columns: [
      { title: 'Device' },
      { title: 'Problem' },
      { title: 'Algorithm' },
      { title: 'Program' },
      { title: 'Jobs before', isNumber: true },
      { title: 'Newest', isNumber: true },
      { title: 'Over their median', isNumber: true },
      { title: '95 % interval', isNumber: true },
      { title: 'Standard deviations', isNumber: true },
      { title: 'Verdict' },
    ],
    rows: inOrder.map((trend) => [
      ...placeOf(report, trend),
      String(trend.earlier.length),
      formatRatio(trend.newest),
      formatRatio(trend.change.estimate),
      formatRange(trend.change),
      trend.deviations === null ? '' : formatSignificant(trend.deviations, 2),
      trend.hasRegressed ? 'regressed' : 'no regression',
    ]),
  };
}

function placeOf(
  report: Report,
  row: Pick<Change, 'deviceId' | 'problem' | 'label' | 'backend' | 'variant'>,
): string[] {
  const program = [row.backend, row.variant].filter(Boolean).join(' ');
  return [deviceName(report, row.deviceId), formatProblem(row.problem), row.label, program];
}
