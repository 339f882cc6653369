import type { RatioEstimate } from '@alphatensor-edge/shared';
import type { Markup } from '../markup.js';
import { leftAxis, line, marker, PANEL_WIDTH, svg, text } from './elements.js';
import { linearScale, niceDomain } from './scale.js';

const HEIGHT = 170;
/** Most controls in the panel, the latest ones. More would be too close together. */
const SHOWN = 40;

/** Draws the baseline timed against itself, one control after the other, with intervals. */
export function controlsPanel(controls: readonly RatioEstimate[], title: string): Markup {
  const shown = controls.slice(-SHOWN);
  const [left, right, top, bottom] = [46, PANEL_WIDTH - 12, 24, HEIGHT - 26];
  const y = linearScale(niceDomain([1, ...shown.flatMap(({ low, high }) => [low, high])]), [bottom, top]);
  const x = linearScale([-0.5, shown.length - 0.5], [left, right]);
  return svg(PANEL_WIDTH, HEIGHT, title, [
    ...leftAxis(y, left, right),
    line(left, y(1), right, y(1), 'unity'),
    ...shown.flatMap(({ estimate, low, high }, index) => [
      line(x(index), y(low), x(index), y(high), 'whisker thin imported'),
      marker(x(index), y(estimate), 'imported'),
    ]),
    text(0, 11, 'baseline’s time / baseline’s time', 'axis'),
    text((left + right) / 2, HEIGHT - 6, 'controls, in the order of measuring', 'axis', 'middle'),
  ]);
}
