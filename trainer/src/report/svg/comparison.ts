import type { Comparison, ComparisonRow } from '../comparison.js';
import { formatRatio, formatShape } from '../format.js';
import type { Markup } from '../markup.js';
import { isMeasured } from '../row.js';
import { bottomAxis, line, marker, ring, shorten, svg, text } from './elements.js';
import { logScale } from './scale.js';

/** Most columns side by side. More go into another chart below. */
export const COMPARISON_COLUMNS = 4;

const [WIDTH, GUTTER, GAP] = [1000, 190, 26];
const [HEAD, ROW, FOOT] = [44, 30, 40];

interface ColumnName {
  readonly name: string;
  readonly detail: string;
}

/** Tells the mark of a row in a column: `imported` is what was tuned for another device, or read from a file. */
export function comparisonRole(
  { algorithm, tunedFor }: ComparisonRow,
  column: number,
): 'found' | 'reference' | 'imported' {
  if (tunedFor.includes(column)) return 'found';
  return algorithm.role === 'reference' ? 'reference' : 'imported';
}

/**
 * Draws dots with whiskers: one row for each algorithm, one panel for each column from `first` on, all on one scale.
 * @param picks the jobs of what is recommended
 */
export function comparisonChart(
  comparison: Comparison,
  names: readonly ColumnName[],
  first: number,
  picks: ReadonlySet<string>,
): Markup {
  const { rows, shape } = comparison;
  const shown = names.slice(first, first + COMPARISON_COLUMNS);
  const width = (WIDTH - GUTTER - GAP * shown.length) / Math.max(2, shown.length);
  const bottom = HEAD + rows.length * ROW;
  const middle = (index: number): number => HEAD + index * ROW + ROW / 2;
  const drawn = shown.flatMap(({ name, detail }, place) => {
    const column = first + place;
    const left = GUTTER + GAP + place * (width + GAP);
    const x = logScale(domainOf(comparison), [left, left + width]);
    return [
      ...bottomAxis(x, bottom, HEAD, undefined, 3),
      line(x(1), HEAD, x(1), bottom, 'unity'),
      text(left, 16, shorten(name, width), 'head'),
      text(left, 32, shorten(detail, width), 'tick'),
      ...rows.flatMap((row, index) => {
        const cell = row.cells[column];
        const y = middle(index);
        if (cell === null) return [text(left + width, y + 4, 'not measured', 'tick', 'end')];
        if (!isMeasured(cell)) return [text(left + width, y + 4, 'failed', 'tick', 'end')];
        const role = comparisonRole(row, column);
        const { low, high, estimate } = cell.figures.speedup;
        return [
          line(x(low), y, x(high), y, `whisker ${role}`),
          marker(x(estimate), y, role),
          ...(picks.has(cell.jobId) ? [ring(x(estimate), y)] : []),
          text(x(estimate), y - 10, formatRatio(estimate), 'value', 'middle'),
        ];
      }),
      text(left + width / 2, bottom + 32, 'times as fast as the baseline (logarithmic)', 'axis', 'middle'),
    ];
  });
  const labels = rows.flatMap(({ algorithm }, index) => [
    ...(index > 0 ? [line(0, HEAD + index * ROW, WIDTH, HEAD + index * ROW, 'grid')] : []),
    text(0, middle(index) + 4, shorten(algorithm.label, GUTTER), 'label'),
  ]);
  const title = `Speed-up on each device, ${formatShape(shape)}, columns ${first + 1} to ${first + shown.length}`;
  return svg(WIDTH, bottom + FOOT, title, [...labels, ...drawn]);
}

/** Computes one domain for all columns, with room for the whiskers. It always contains 1. */
function domainOf({ rows }: Comparison): [number, number] {
  const intervals = rows.flatMap(({ cells }) =>
    cells.flatMap((cell) => (cell !== null && isMeasured(cell) ? [cell.figures.speedup] : [])),
  );
  const low = Math.min(1, ...intervals.map((interval) => interval.low));
  const high = Math.max(1, ...intervals.map((interval) => interval.high));
  const room = Math.max(1.02, (high / low) ** 0.12);
  return [low / room, high * room];
}
