import type { Comparison, ComparisonRow } from '../comparison.js';
import { formatRange, formatRatio } from '../format.js';
import type { Markup } from '../markup.js';
import { isMeasured } from '../row.js';
import { bottomAxis, line, marker, PANEL_WIDTH, ring, shorten, svg, text } from './elements.js';
import { logScale } from './scale.js';

const ROW = 34;
const MARGIN = { top: 6, right: 12, bottom: 36, left: 12 };

/** Tells the mark of a row in a column: `imported` is what was tuned for another device, or read from a file. */
export function comparisonRole(
  { algorithm, tunedFor }: ComparisonRow,
  column: number,
): 'found' | 'reference' | 'imported' {
  if (tunedFor.includes(column)) return 'found';
  return algorithm.role === 'reference' ? 'reference' : 'imported';
}

/**
 * Draws one column of a comparison: dots with whiskers, a row for each algorithm. All columns have the same rows and the same scale, so
 * that they compare side by side, and one below the other on a phone.
 * @param picks the jobs of what is recommended
 */
export function comparisonPanel(
  comparison: Comparison,
  column: number,
  title: string,
  picks: ReadonlySet<string>,
): Markup {
  const { rows } = comparison;
  const [right, bottom] = [PANEL_WIDTH - MARGIN.right, MARGIN.top + rows.length * ROW];
  const x = logScale(domainOf(comparison), [MARGIN.left, right]);
  const marks = rows.flatMap((row, index) => {
    const top = MARGIN.top + index * ROW;
    const y = top + 24;
    const cell = row.cells[column];
    const value = (words: string): Markup => text(right, top + 13, words, 'value', 'end');
    const label = text(MARGIN.left, top + 13, shorten(row.algorithm.label, 200), 'label');
    if (cell === null) return [label, value('not measured')];
    if (!isMeasured(cell)) return [label, value('failed')];
    const role = comparisonRole(row, column);
    const { speedup } = cell.figures;
    return [
      // Only beside the whisker, so that the line at 1 does not cross the words.
      line(x(1), top + 17, x(1), top + ROW - 3, 'unity'),
      label,
      value(`${formatRatio(speedup.estimate)} (${formatRange(speedup)})`),
      line(x(speedup.low), y, x(speedup.high), y, `whisker ${role}`),
      marker(x(speedup.estimate), y, role),
      ...(picks.has(cell.jobId) ? [ring(x(speedup.estimate), y)] : []),
    ];
  });
  return svg(PANEL_WIDTH, bottom + MARGIN.bottom, title, [
    ...bottomAxis(x, bottom, MARGIN.top),
    ...marks,
    text((MARGIN.left + right) / 2, bottom + 30, 'times as fast as the baseline (logarithmic)', 'axis', 'middle'),
  ]);
}

/** Computes one domain for all columns, with room for the whiskers. It always contains 1. */
function domainOf({ rows }: Comparison): [number, number] {
  const intervals = rows.flatMap(({ cells }) =>
    cells.flatMap((cell) => (cell !== null && isMeasured(cell) ? [cell.figures.speedup] : [])),
  );
  const low = Math.min(1, ...intervals.map((interval) => interval.low));
  const high = Math.max(1, ...intervals.map((interval) => interval.high));
  const room = Math.max(1.02, (high / low) ** 0.06);
  return [low / room, high * room];
}
