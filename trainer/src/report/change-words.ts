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
