import { formatSignificant } from '../format.js';
import { type Markup, markup } from '../markup.js';
import type { PlotKind, Series } from '../progress.js';
import { bottomAxis, leftAxis, PANEL_WIDTH, px, spread, svg, text } from './elements.js';
import { linearScale, niceDomain, type Scale } from './scale.js';

type Points = Series['points'];

/** Holds one run's values of one quantity. `run` is the run's place in the report and sets the style of the line. */
interface Line {
  readonly run: number;
  readonly points: Points;
  /** Written before the last value. */
  readonly label?: string | undefined;
}

/** Most points of a line. More than a panel has pixels would only make the file larger. */
const MAX_POINTS = 250;
const HEIGHT = 190;
const RUN_STYLES = 4;

/** Draws values over the time of the runs, with the last value at the end of each line. */
export function overTimePanel(lines: readonly Line[], title: string, kind: PlotKind): Markup {
  const labelled = lines.some(({ label }) => label !== undefined);
  const [left, right, top, bottom] = [46, PANEL_WIDTH - (labelled ? 92 : 44), 10, HEIGHT - 36];
  const unit = timeUnit(Math.max(...lines.map(({ points }) => points[points.length - 1][0])));
  const x = linearScale([0, unit.end], [left, right]);
  const y = linearScale(niceDomain(lines.flatMap(({ points }) => points.map(([, value]) => value))), [bottom, top]);
  const drawn = lines.map(({ run, points }) => ({
    run,
    points: kind === 'best' ? thinBest(points) : thinMean(points),
  }));
  const ends = spread(
    lines.map(({ points }) => y(points[points.length - 1][1])),
    13,
    top,
    bottom,
  );
  return svg(PANEL_WIDTH, HEIGHT, title, [
    ...(kind === 'best'
      ? leftAxis(y, left, right, (value) => (Number.isInteger(value) ? String(value) : ''))
      : leftAxis(y, left, right)),
    ...bottomAxis(x, bottom, bottom, undefined, 4),
    ...drawn.map(({ run, points }) => path(points, (seconds) => x(seconds / unit.seconds), y, kind, run)),
    ...lines.map(({ run, points, label }, index) => {
      const value = points[points.length - 1][1];
      const words = [label?.replace(/_/g, ' '), kind === 'best' ? String(value) : formatSignificant(value)];
      return text(right + 6, ends[index] + 4, words.filter(Boolean).join(' '), `label ${style(run)}`);
    }),
    text((left + right) / 2, HEIGHT - 6, `${unit.name} since the start`, 'axis', 'middle'),
  ]);
}

/** Draws a short piece of a run's line, for a legend. */
export function lineSample(run: number): Markup {
  return markup`<svg viewBox="0 0 28 10" width="28" height="10" aria-hidden="true"><path d="M0 5H28" class="curve ${style(run)}"/></svg>`;
}

function style(run: number): string {
  return `run-${run % RUN_STYLES}`;
}

function timeUnit(end: number): { readonly name: string; readonly seconds: number; readonly end: number } {
  const unit =
    end < 180
      ? { name: 'seconds', seconds: 1 }
      : end < 3 * 3600
        ? { name: 'minutes', seconds: 60 }
        : { name: 'hours', seconds: 3600 };
  return { ...unit, end: end / unit.seconds };
}

function path(points: Points, x: (seconds: number) => number, y: Scale, kind: PlotKind, run: number): Markup {
  const d = points.map(([time, value], i) => {
    const [a, b] = [px(x(time)), px(y(value))];
    return i === 0 ? `M${a} ${b}` : kind === 'best' ? `H${a}V${b}` : `L${a} ${b}`;
  });
  return markup`<path d="${d.join('')}" class="curve ${style(run)}"/>`;
}

/** Keeps only the points where the best changes, and the last one. */
function thinBest(points: Points): Points {
  return points.filter(([, value], i) => i === 0 || i === points.length - 1 || value !== points[i - 1][1]);
}

/** Splits the points into equal shares and keeps the mean of each, at the share's last time. */
function thinMean(points: Points): Points {
  if (points.length <= MAX_POINTS) return points;
  const share = points.length / MAX_POINTS;
  return Array.from({ length: MAX_POINTS }, (_, i): [number, number] => {
    const part = points.slice(Math.floor(i * share), Math.floor((i + 1) * share));
    return [part[part.length - 1][0], part.reduce((sum, [, value]) => sum + value, 0) / part.length];
  });
}
