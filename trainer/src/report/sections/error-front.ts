import { formatPrecision, formatProblem, formatRange, formatRatio, formatShape, formatSignificant } from '../format.js';
import { type Markup, markup } from '../markup.js';
import { deviceName, type Report } from '../model.js';
import { scatter } from '../svg/scatter.js';
import { foldedPanels, hint, legend, marksOf, nothing, panel } from './parts.js';

/** Plots speed-up against error, with the front drawn. One panel for each device and problem. */
export function errorFrontSection(report: Report): Markup {
  if (report.errorFronts.length === 0) return nothing('No two algorithms were measured for the same problem.');
  const drawn = report.errorFronts.map(({ deviceId, problem, points }) => {
    const device = deviceName(report, deviceId);
    const drawing = scatter(
      points.map(({ label, role, speedup, error, isOnFront, isRecommended }) => ({
        ...{ x: error, y: speedup.estimate, interval: speedup, role, isRecommended },
        name: `${label}: speed-up ${formatRatio(speedup.estimate)} (${formatRange(speedup)}), error ${formatSignificant(error)}x${isOnFront ? ', on the front' : ''}${isRecommended ? ', recommended' : ''}`,
      })),
      {
        title: `Speed-up against error, ${device}, ${formatProblem(problem)}`,
        xLabel: 'error / that of a plain product',
        yLabel: 'speed-up',
        line: 'one',
        path: points
          .filter(({ isOnFront }) => isOnFront)
          .map(({ error, speedup }) => ({ x: error, y: speedup.estimate })),
      },
    );
    return panel(formatShape(problem), ` ${formatPrecision(problem)} · ${device}`, drawing);
  });
  return markup`${hint('Every measured algorithm: its speed-up with the 95 % interval against its error, as a multiple of the smaller one of the baseline and of own GEMM. The line joins the front: nothing measured is both faster and more accurate than its points.')}${legend(marksOf(report.groups))}${foldedPanels(drawn)}`;
}
