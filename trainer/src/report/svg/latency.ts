import { median, quantile } from '@alphatensor-edge/shared';
import { formatSeconds } from '../format.js';
import { type Markup, markup } from '../markup.js';
import type { Group } from '../model.js';
import { isRecommended, markOf, plottedRows, rowLabel } from '../pick.js';
import type { MeasuredRow } from '../row.js';
import { bottomAxis, line, PANEL_WIDTH, px, shorten, svg, text } from './elements.js';
import { linearScale, type Scale } from './scale.js';

const ROW = 44;
const MARGIN = { top: 6, right: 12, bottom: 36, left: 12 };

/**
 * Draws every raw sample as a stroke, relative to the baseline's median of the same job. The candidate's samples are above, the
 * baseline's of the same rounds below in grey. The bar is the middle half, the tall stroke the median.
 */
export function latencyPanel(group: Group, title: string): Markup {
  const rows = plottedRows(group);
  const bottom = MARGIN.top + rows.length * ROW;
  const right = PANEL_WIDTH - MARGIN.right;
  const x = linearScale(domainOf(rows), [MARGIN.left, right]);
  const marks = rows.flatMap((row, index) => {
    const { candidateMedianSeconds, baselineMedianSeconds, samples } = row.figures;
    const top = MARGIN.top + index * ROW;
    const role = markOf(row);
    const own = relative(samples.candidateSeconds, baselineMedianSeconds);
    const beside = relative(samples.baselineSeconds, baselineMedianSeconds);
    const beyond = [...own, ...beside].filter((value) => value > x.domain[1]).length;
    return [
      // Only beside the strips, so that the line at 1 does not cross the words.
      line(x(1), top + 17, x(1), top + ROW - 3, 'unity'),
      text(
        MARGIN.left,
        top + 13,
        shorten(`${rowLabel(row, group)}${isRecommended(row, group) ? ' (recommended)' : ''}`, 210),
        'label',
      ),
      text(
        right,
        top + 13,
        formatSeconds(candidateMedianSeconds) + (beyond > 0 ? ` (${beyond} off scale)` : ''),
        'value',
        'end',
      ),
      ...strip(own, x, top + 24, role),
      ...(role === 'baseline' ? [] : strip(beside, x, top + 35, 'baseline')),
    ];
  });
  return svg(PANEL_WIDTH, bottom + MARGIN.bottom, title, [
    ...bottomAxis(x, bottom, MARGIN.top),
    ...marks,
    text((MARGIN.left + right) / 2, bottom + 30, 'time of one product / the baseline’s median', 'axis', 'middle'),
  ]);
}

function strip(values: readonly number[], x: Scale, y: number, role: string): Markup[] {
  const shown = values.filter((value) => value <= x.domain[1]);
  const strokes = shown.map((value) => `M${px(x(value))} ${px(y - 3.5)}v7`).join('');
  const within = (value: number): number => x(Math.min(value, x.domain[1]));
  const [low, middle, high] = [within(quantile(values, 0.25)), within(median(values)), within(quantile(values, 0.75))];
  return [
    markup`<rect x="${px(low)}" y="${px(y - 3.5)}" width="${px(Math.max(1, high - low))}" height="7" class="box ${role}"/>`,
    markup`<path d="${strokes}" class="sample ${role}"/>`,
    line(middle, y - 5.5, middle, y + 5.5, `median ${role}`),
  ];
}

/** Computes the domain: from the fastest sample up to the 98th percentile, with some room. */
function domainOf(rows: readonly MeasuredRow[]): [number, number] {
  const all = rows.flatMap(({ figures: { samples, baselineMedianSeconds } }) =>
    relative([...samples.candidateSeconds, ...samples.baselineSeconds], baselineMedianSeconds),
  );
  if (all.length === 0) return [0.5, 1.5];
  const [low, high] = [Math.min(1, quantile(all, 0)), Math.max(1, quantile(all, 0.98))];
  const room = Math.max(0.01, (high - low) * 0.06);
  return [low - room, high + room];
}

function relative(seconds: readonly number[], median: number): number[] {
  return seconds.map((value) => value / median);
}
