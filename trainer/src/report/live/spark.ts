import { type Markup, markup } from '../markup.js';
import { px } from '../svg/elements.js';
import { linearScale } from '../svg/scale.js';

const [WIDTH, HEIGHT] = [96, 22];
/** Most points of a line so small. */
const POINTS = 96;

/**
 * Draws a quantity over time as a small line without axes. Its name, first and last value have to stand beside it, since it is hidden
 * from screen readers.
 * @param points two at least
 */
export function sparkline(points: readonly (readonly [seconds: number, value: number])[]): Markup {
  const step = Math.ceil(points.length / POINTS);
  const shown = points.filter((_, index) => index % step === 0 || index === points.length - 1);
  const values = shown.map(([, value]) => value);
  const x = linearScale([shown[0][0], shown[shown.length - 1][0]], [1, WIDTH - 1]);
  const y = linearScale([Math.min(...values), Math.max(...values)], [HEIGHT - 3, 3]);
  const path = shown.map(([seconds, value]) => `${px(x(seconds))} ${px(y(value))}`).join('L');
  return markup`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" aria-hidden="true"><path d="M${path}"/></svg>`;
}
