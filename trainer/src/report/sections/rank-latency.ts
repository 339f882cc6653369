import { formatPrecision, formatProblem, formatRange, formatRatio, formatShape } from '../format.js';
import type { Markup } from '../markup.js';
import { markup } from '../markup.js';
import { deviceName, type Group, type Report } from '../model.js';
import { isRecommended, markOf } from '../pick.js';
import { isBaseline, isMeasured } from '../row.js';
import { type ScatterPoint, scatter } from '../svg/scatter.js';
import { foldedPanels, hint, legend, marksOf, nothing, panel } from './parts.js';

/** Plots rank against time, to see whether fewer multiplications take less time. One panel for each device and problem. */
export function rankLatencySection(report: Report): Markup {
  const drawn = report.groups.flatMap((group) => {
    const points = pointsOf(group);
    if (points.length === 0) return [];
    const device = deviceName(report, group.deviceId);
    const drawing = scatter(points, {
      title: `Time against multiplications, ${device}, ${formatProblem(group.problem)}`,
      xLabel: 'multiplications, share of the schoolbook’s n m p, %',
      yLabel: 'time / the baseline’s time',
      line: 'one',
    });
    return [panel(formatShape(group.problem), ` ${formatPrecision(group.problem)} · ${device}`, drawing)];
  });
  if (drawn.length === 0) return nothing('No algorithm was measured.');
  return markup`${hint('Every measured algorithm, with its levels together: its multiplications of blocks, rank / (n m p), against its time with the 95 % interval. Below the line at 1 it is faster than the baseline. Algorithms above one another need equally many multiplications but different times, because additions and memory traffic differ.')}${legend(marksOf(report.groups))}${foldedPanels(drawn)}`;
}

function pointsOf(group: Group): ScatterPoint[] {
  return group.rows
    .filter(isMeasured)
    .filter((row) => !isBaseline(row))
    .map((row): ScatterPoint => {
      const { size, rank, label, nonzeros } = row.algorithm;
      const { estimate, low, high } = row.figures.speedup;
      return {
        x: (100 * rank) / (size.n * size.m * size.p),
        y: 1 / estimate,
        interval: { low: 1 / high, high: 1 / low },
        ...{ role: markOf(row), isRecommended: isRecommended(row, group) },
        name: `${label}: rank ${rank}, ${nonzeros} nonzeros, speed-up ${formatRatio(estimate)} (${formatRange({ low, high })})`,
      };
    });
}
