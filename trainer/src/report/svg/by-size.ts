import type { RatioEstimate } from '@alphatensor-edge/shared';
import { formatRatio, formatShape } from '../format.js';
import { type Markup, markup } from '../markup.js';
import type { Group } from '../model.js';
import { isRecommended, markOf, plottedRows, rowLabel } from '../pick.js';
import { leftAxis, line, marker, px, ring, shorten, spread, svg, text } from './elements.js';
import { linearScale, logScale, niceDomain } from './scale.js';

interface Curve {
  readonly label: string;
  readonly role: string;
  readonly points: { readonly cells: number; readonly speedup: RatioEstimate; readonly isRecommended: boolean }[];
}

/** Most found algorithms in the chart, beside those recommended. Those measured at the most sizes come first, then the fastest. */
const FOUND_SHOWN = 3;

/** Draws the speed-up with its interval over the problem's size, one line for each algorithm. `groups` share device, precision and threads. */
export function bySizeChart(groups: readonly Group[], title: string, width: number): Markup {
  const curves = curvesOf(groups);
  const height = Math.max(260, 16 * curves.length + 100);
  const gutter = width > 500 ? 190 : 118;
  const [left, right, top, bottom] = [40, width - gutter, 12, height - 40];
  const edges = curves.flatMap(({ points }) => points.flatMap(({ speedup }) => [speedup.low, speedup.high]));
  const y = linearScale(niceDomain([1, ...edges], 5), [bottom, top]);
  const sizes = [...new Map(groups.map((group) => [cells(group), formatLength(group)]))].sort((a, b) => a[0] - b[0]);
  const inset = width > 500 ? 24 : 12;
  const x = logScale([sizes[0][0], sizes[sizes.length - 1][0]], [left + inset, right - inset]);
  const ends = spread(
    [y(1), ...curves.map(({ points }) => y(points[points.length - 1].speedup.estimate))],
    14,
    top,
    bottom,
  );
  return svg(width, height, title, [
    ...leftAxis(y, left, right),
    ...sizes.map(([size, label]) => text(x(size), bottom + 16, label, 'tick', 'middle')),
    text(
      (left + right) / 2,
      height - 6,
      width > 500 ? 'M = K = N, or M×K×N (logarithmic)' : 'problem size (logarithmic)',
      'axis',
      'middle',
    ),
    line(left, y(1), right, y(1), 'unity'),
    text(right + 8, ends[0] + 4, 'baseline', 'label baseline'),
    ...curves.flatMap(({ label, role, points }, index) => {
      // Shifted sideways, so that the intervals of several algorithms do not hide one another.
      const shift = (index - (curves.length - 1) / 2) * (width > 500 ? 6 : 3);
      const at = points.map(({ cells: size, ...point }) => ({ x: x(size) + shift, ...point }));
      return [
        markup`<path d="M${at.map((p) => `${px(p.x)} ${px(y(p.speedup.estimate))}`).join('L')}" class="curve ${role}"/>`,
        ...at.flatMap((p) => [
          line(p.x, y(p.speedup.low), p.x, y(p.speedup.high), `whisker ${role}`),
          marker(p.x, y(p.speedup.estimate), role),
          ...(p.isRecommended ? [ring(p.x, y(p.speedup.estimate))] : []),
        ]),
        text(right + 8, ends[index + 1] + 4, endLabel(label, points, gutter), `label ${role}`),
      ];
    }),
  ]);
}

function endLabel(label: string, points: Curve['points'], gutter: number): string {
  const value = formatRatio(points[points.length - 1].speedup.estimate);
  return gutter > 150 ? `${shorten(label, gutter - 48)} ${value}` : shorten(label, gutter - 6);
}

function curvesOf(groups: readonly Group[]): Curve[] {
  const byLabel = new Map<string, Curve>();
  for (const group of groups) {
    for (const row of plottedRows(group)) {
      if (markOf(row) === 'baseline') continue;
      const label = rowLabel(row, group);
      const curve = byLabel.get(label) ?? { label, role: markOf(row), points: [] };
      curve.points.push({
        ...{ cells: cells(group), speedup: row.figures.speedup },
        isRecommended: isRecommended(row, group),
      });
      byLabel.set(label, curve);
    }
  }
  const curves = [...byLabel.values()];
  for (const curve of curves) curve.points.sort((a, b) => a.cells - b.cells);
  const others = curves
    .filter(({ role }) => role !== 'reference')
    .sort((a, b) => b.points.length - a.points.length || last(b) - last(a));
  const isKept = (curve: Curve, index: number): boolean =>
    index < FOUND_SHOWN || curve.points.some((point) => point.isRecommended);
  return [...others.filter(isKept), ...curves.filter(({ role }) => role === 'reference')].sort(
    (a, b) => last(b) - last(a),
  );
}

function last({ points }: Curve): number {
  return points[points.length - 1].speedup.estimate;
}

/** Computes the edge of the cube with the same number of multiplications. */
function cells({ problem: { m, k, n } }: Group): number {
  return Math.cbrt(m * k * n);
}

function formatLength({ problem }: Group): string {
  const { m, k, n } = problem;
  return m === k && k === n ? String(m) : formatShape(problem);
}
