import { formatDuration, formatSignificant } from '../format.js';
import { type Markup, markup } from '../markup.js';
import { bottomAxis, leftAxis, PANEL_WIDTH, px, shorten, spread, svg, text } from './elements.js';
import { linearScale, niceDomain, type Scale } from './scale.js';

/** One run's values of one quantity. */
export interface Line {
  readonly label: string;
  readonly points: readonly (readonly [seconds: number, value: number])[];
}

/** Points of a line that are drawn: more than a panel has pixels would only make the file large. */
const MAX_POINTS = 300;
const HEIGHT = 190;
const RUN_STYLES = 4;

/**
 * Values over the time of the runs, each line named at its end. `steps`: a value holds until the next one (a best so
 * far), else neighbours are joined.
 */
export function overTimePanel(lines: readonly Line[], title: string, steps: boolean): Markup {
  const gutter = lines.length > 1 ? 92 : 44;
  const [left, right, top, bottom] = [46, PANEL_WIDTH - gutter, 10, HEIGHT - 36];
  const x = linearScale([0, Math.max(1, ...lines.map(({ points }) => points[points.length - 1][0]))], [left, right]);
  const y = linearScale(niceDomain(lines.flatMap(({ points }) => points.map(([, value]) => value))), [bottom, top]);
  const drawn = lines.map(({ points }) => thin(points, steps));
  const ends = spread(
    drawn.map((points) => y(points[points.length - 1][1])),
    13,
    top,
    bottom,
  );
  return svg(PANEL_WIDTH, HEIGHT, title, [
    ...leftAxis(y, left, right),
    ...bottomAxis(x, bottom, bottom, formatDuration, 4),
    ...drawn.map((points, index) => path(points, x, y, steps, index)),
    ...lines.map(({ label, points }, index) => {
      const value = formatSignificant(points[points.length - 1][1]);
      const named = lines.length > 1 ? `${shorten(label, gutter - 40)} ${value}` : value;
      return text(right + 6, ends[index] + 4, named, 'label');
    }),
    text((left + right) / 2, HEIGHT - 6, 'time since the start', 'axis', 'middle'),
  ]);
}

function path(points: Line['points'], x: Scale, y: Scale, steps: boolean, index: number): Markup {
  const d = points.map(([time, value], i) => {
    const [a, b] = [px(x(time)), px(y(value))];
    return i === 0 ? `M${a} ${b}` : steps ? `H${a}V${b}` : `L${a} ${b}`;
  });
  return markup`<path d="${d.join('')}" class="curve run-${index % RUN_STYLES}"/>`;
}

/** One point for each of equal shares of the points: the last value of a best so far, else the mean. */
function thin(points: Line['points'], steps: boolean): Line['points'] {
  if (points.length <= MAX_POINTS) return points;
  const share = points.length / MAX_POINTS;
  return Array.from({ length: MAX_POINTS }, (_, i): [number, number] => {
    const part = points.slice(Math.floor(i * share), Math.floor((i + 1) * share));
    const [time, value] = part[part.length - 1];
    return [time, steps ? value : part.reduce((sum, [, each]) => sum + each, 0) / part.length];
  });
}
