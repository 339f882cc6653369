import { type Markup, markup } from '../markup.js';
import { bottomAxis, leftAxis, line, marker, PANEL_WIDTH, ring, svg, text } from './elements.js';
import { linearScale, niceDomain } from './scale.js';

export interface ScatterPoint {
  readonly x: number;
  readonly y: number;
  /** The interval of y. */
  readonly interval?: { readonly low: number; readonly high: number } | undefined;
  readonly role: string;
  readonly isRecommended?: boolean | undefined;
  /** Shown when the pointer rests on the point. */
  readonly name: string;
}

interface ScatterOptions {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** `diagonal`: x and y share a scale, and the line x = y is drawn. `one`: a line at y = 1. */
  readonly line: 'diagonal' | 'one';
  /** Points that a line joins, from left to right. */
  readonly path?: readonly Pick<ScatterPoint, 'x' | 'y'>[] | undefined;
}

const HEIGHT = 250;

/** Draws points with whiskers. */
export function scatter(points: readonly ScatterPoint[], options: ScatterOptions): Markup {
  const [left, right, top, bottom] = [46, PANEL_WIDTH - 12, 24, HEIGHT - 38];
  const ys = points.flatMap(({ y, interval }) => (interval ? [interval.low, interval.high] : [y]));
  const xs = points.map((point) => point.x);
  const both = niceDomain([...xs, ...ys]);
  const isDiagonal = options.line === 'diagonal';
  const x = linearScale(isDiagonal ? both : padded(xs), [left, right]);
  const y = linearScale(isDiagonal ? both : niceDomain([1, ...ys]), [bottom, top]);
  return svg(PANEL_WIDTH, HEIGHT, options.title, [
    ...leftAxis(y, left, right),
    ...bottomAxis(x, bottom, top, undefined, 4),
    isDiagonal ? line(x(both[0]), y(both[0]), x(both[1]), y(both[1]), 'unity') : line(left, y(1), right, y(1), 'unity'),
    ...(options.path ?? [])
      .slice(1)
      .map((to, index) =>
        line(x((options.path ?? [])[index].x), y((options.path ?? [])[index].y), x(to.x), y(to.y), 'front'),
      ),
    ...points.map(
      (point) =>
        markup`<g><title>${point.name}</title>${
          point.interval
            ? line(x(point.x), y(point.interval.low), x(point.x), y(point.interval.high), `whisker thin ${point.role}`)
            : null
        }${marker(x(point.x), y(point.y), point.role)}${point.isRecommended ? ring(x(point.x), y(point.y)) : null}</g>`,
    ),
    text(0, 11, options.yLabel, 'axis'),
    text((left + right) / 2, HEIGHT - 6, options.xLabel, 'axis', 'middle'),
  ]);
}

/** Widens the domain, so that the outermost points are not on the axis. */
function padded(values: readonly number[]): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = (high - low) * 0.08 || Math.abs(high) * 0.1 || 1;
  return [low - room, high + room];
}
