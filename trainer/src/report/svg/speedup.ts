import { formatRange, formatRatio } from '../format.js';
import type { Markup } from '../markup.js';
import type { Group } from '../model.js';
import { isRecommended, markOf, plottedRows, rowLabel } from '../pick.js';
import { bottomAxis, line, marker, PANEL_WIDTH, ring, shorten, svg, text } from './elements.js';
import { logScale } from './scale.js';

const ROW = 34;
const MARGIN = { top: 6, right: 12, bottom: 36, left: 12 };

/** Computes the domain of speed-ups that all panels of a device share. It always contains 1. */
export function speedupDomain(groups: readonly Group[]): [number, number] {
  const intervals = groups.flatMap(plottedRows).map((row) => row.figures.speedup);
  const low = Math.min(1, ...intervals.map((interval) => interval.low));
  const high = Math.max(1, ...intervals.map((interval) => interval.high));
  const room = Math.max(1.02, (high / low) ** 0.06);
  return [low / room, high * room];
}

/** Draws dots with whiskers, one row for each algorithm. The baseline is the line at 1. */
export function speedupPanel(group: Group, title: string, domain: readonly [number, number]): Markup {
  const rows = plottedRows(group);
  const bottom = MARGIN.top + rows.length * ROW;
  const right = PANEL_WIDTH - MARGIN.right;
  const x = logScale(domain, [MARGIN.left, right]);
  const marks = rows.flatMap((row, index) => {
    const { speedup, verdict } = row.figures;
    const top = MARGIN.top + index * ROW;
    const role = markOf(row);
    const y = top + 24;
    const value =
      role === 'baseline' ? '1 by definition' : `${formatRatio(speedup.estimate)} (${formatRange(speedup)})`;
    const interval = role === 'baseline' ? row.figures.aaControl : speedup;
    return [
      // Only beside the whisker, so that the line at 1 does not cross the words.
      line(x(1), top + 17, x(1), top + ROW - 3, 'unity'),
      text(MARGIN.left, top + 13, shorten(`${verdict === 'faster' ? '▲ ' : ''}${rowLabel(row, group)}`, 200), 'label'),
      text(right, top + 13, value, 'value', 'end'),
      ...(interval ? [line(x(interval.low), y, x(interval.high), y, `whisker ${role}`)] : []),
      ...(role === 'baseline' ? [] : [marker(x(speedup.estimate), y, role)]),
      ...(isRecommended(row, group) ? [ring(x(speedup.estimate), y)] : []),
    ];
  });
  return svg(PANEL_WIDTH, bottom + MARGIN.bottom, title, [
    ...bottomAxis(x, bottom, MARGIN.top),
    ...marks,
    text((MARGIN.left + right) / 2, bottom + 30, 'times as fast as the baseline (logarithmic)', 'axis', 'middle'),
  ]);
}
