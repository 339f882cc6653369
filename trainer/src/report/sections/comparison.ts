import { type Comparison, type ComparisonRow, withoutEmptyRows } from '../comparison.js';
import { formatRange, formatRatio, formatShape } from '../format.js';
import { type Markup, markup } from '../markup.js';
import { deviceName, type Report } from '../model.js';
import { isRecommended } from '../pick.js';
import { isMeasured, isSteady, type ReportRow } from '../row.js';
import { comparisonPanel, comparisonRole } from '../svg/comparison.js';
import { SLOW_BASELINE, settingWords, statusWords, tunedWords } from '../words.js';
import { hint, legend, nothing, panel, panels, scrollingTable } from './parts.js';

/** Makes the comparison: a row for each algorithm, a column for each device. Each device's own best is measured on all of them. */
export function comparisonSection(report: Report): Markup {
  if (report.comparisons.length === 0) {
    return nothing(
      'A comparison takes one problem that at least two devices (or precisions, threads, compilers) measured.',
    );
  }
  const comparisons = report.comparisons.map(withoutEmptyRows);
  const picks = new Set(
    report.groups.flatMap((group) => group.rows.filter((row) => isRecommended(row, group)).map(({ jobId }) => jobId)),
  );
  return markup`${hint(hintWords(comparisons))}${legend(legendOf(comparisons, picks))}${comparisons.map(
    (comparison) => [
      chart(report, comparison, picks),
      markup`<details class="more"><summary>The figures with their intervals</summary>${table(report, comparison)}</details>`,
    ],
  )}`;
}

function hintWords(comparisons: readonly Comparison[]): string {
  const isCrossed = comparisons.some(({ rows }) =>
    rows.some(({ tunedFor, cells }) =>
      cells.some((cell, index) => tunedFor.length > 0 && cell !== null && !tunedFor.includes(index)),
    ),
  );
  return `How many times as fast as the baseline of the same device, precision and threads, with the 95 % interval. The best algorithm that was found for each device is at the top${isCrossed ? ', measured on others too' : ''}. All devices have the same rows on the same scale: a row shows whether an algorithm is good everywhere, a device which one is best there.`;
}

/** Explains the marks that are there. */
function legendOf(
  comparisons: readonly Comparison[],
  picks: ReadonlySet<string>,
): (readonly [role: string, words: string])[] {
  const cells = comparisons.flatMap(({ rows }) =>
    rows.flatMap((row) =>
      row.cells.flatMap((cell, column) =>
        cell !== null && isMeasured(cell) ? [{ cell, row, role: comparisonRole(row, column) }] : [],
      ),
    ),
  );
  const others = cells.filter(({ role }) => role === 'imported');
  const isOther = others.some(({ row }) => row.tunedFor.length > 0);
  const isRead = others.some(({ row }) => row.tunedFor.length === 0);
  const words = [...(isOther ? ['tuned for another device'] : []), ...(isRead ? ['read from a file'] : [])].join(
    ', or ',
  );
  return [
    ...(cells.some(({ role }) => role === 'found') ? [['found', 'tuned for this device'] as const] : []),
    ...(others.length > 0 ? [['imported', words] as const] : []),
    ...(cells.some(({ role }) => role === 'reference') ? [['reference', 'known reference'] as const] : []),
    ...(cells.some(({ cell }) => picks.has(cell.jobId)) ? [['recommended', 'recommended'] as const] : []),
  ];
}

function chart(report: Report, comparison: Comparison, picks: ReadonlySet<string>): Markup {
  const shape = formatShape(comparison.shape);
  return markup`<h3>${shape}</h3>${panels(
    comparison.columns.map((setting, column) => {
      const name = deviceName(report, setting.deviceId);
      return panel(
        name,
        ` ${settingWords(setting)}`,
        comparisonPanel(comparison, column, `Speed-up on ${name}, ${shape}`, picks),
      );
    }),
  )}`;
}

function table(report: Report, comparison: Comparison): Markup {
  const shape = formatShape(comparison.shape);
  const head = markup`<th scope="col">Algorithm</th>${comparison.columns.map(
    (setting) =>
      markup`<th scope="col" class="number">${deviceName(report, setting.deviceId)}<small>${settingWords(setting)}</small></th>`,
  )}`;
  const body = comparison.rows.map((row) => {
    const tuned = tunedWords(row, comparison, (id) => deviceName(report, id));
    return markup`<tr><th scope="row" class="name">${row.algorithm.label}<small>${tuned}</small></th>${row.cells.map(
      (cell, index) => cellOf(cell, row, index),
    )}</tr>`;
  });
  return scrollingTable(
    `Speed-up on each device, ${shape}`,
    markup`${shape} <span>speed-up, 95 % interval</span>`,
    head,
    body,
  );
}

function cellOf(cell: ReportRow | null, { tunedFor }: ComparisonRow, index: number): Markup {
  const own = tunedFor.includes(index) ? 'own' : '';
  if (cell === null) return markup`<td class="number ${own} absent">not measured</td>`;
  if (!isMeasured(cell)) return markup`<td class="number ${own} absent">${statusWords(cell)}</td>`;
  const { speedup, verdict } = cell.figures;
  const mark = verdict === 'faster' ? '▲ ' : verdict === 'slower' ? '▼ ' : '';
  return markup`<td class="number ${own}"><span class="tag ${verdict}">${mark}${formatRatio(speedup.estimate)}</span><small>${formatRange(speedup)}${isSteady(cell) ? '' : SLOW_BASELINE}</small></td>`;
}
