import { type Markup, markup } from '@alphatensor-edge/trainer/report/markup.js';
import { bottomAxis, leftAxis, line, marker, svg, text } from '@alphatensor-edge/trainer/report/svg/elements.js';
import { logScale } from '@alphatensor-edge/trainer/report/svg/scale.js';
import { standalone } from '../figure.js';
import { type Row, UNIT } from './measure.js';

const [WIDTH, HEIGHT] = [800, 460];
const ROLE = { f32: 'found', f64: 'reference' } as const;

/** Draws the measured error over the predicted one, both in units of rounding, on zero-mean inputs. */
export function plot(rows: readonly Row[]): string {
  const [left, right, top, bottom] = [52, WIDTH - 16, 40, HEIGHT - 44];
  const points = rows.map((row) => ({
    row,
    x: row.predicted / UNIT[row.dtype],
    y: row.errors['zero-mean'].relativeError / UNIT[row.dtype],
  }));
  const values = points.flatMap((point) => [point.x, point.y]);
  const domain: [number, number] = [0.8 * Math.min(...values), 1.25 * Math.max(...values)];
  const [x, y] = [logScale(domain, [left, right]), logScale(domain, [bottom, top])];
  const whole = (value: number): string => String(value);
  const key = (dtype: Row['dtype'], at: number): Markup[] => [
    marker(at, 18, ROLE[dtype]),
    text(at + 10, 22, dtype, `label ${ROLE[dtype]}`),
  ];
  return standalone(
    svg(WIDTH, HEIGHT, 'Predicted against measured error', [
      ...leftAxis(y, left, right, whole),
      ...bottomAxis(x, bottom, top, whole),
      line(x(domain[0]), y(domain[0]), x(domain[1]), y(domain[1]), 'unity'),
      ...points.map(
        (point) =>
          markup`<g><title>${`${point.row.scheme}, ${point.row.size}, ${point.row.dtype}: ${point.y.toFixed(1)} measured, ${point.x.toFixed(1)} predicted`}</title>${marker(x(point.x), y(point.y), ROLE[point.row.dtype])}</g>`,
      ),
      text(0, 11, 'measured, units of rounding', 'axis'),
      ...key('f32', left + 160),
      ...key('f64', left + 220),
      text((left + right) / 2, HEIGHT - 8, 'predicted: c x growth, units of rounding', 'axis', 'middle'),
    ]).text,
  );
}
