import { count, formatProblem, formatSignificant } from '../format.js';
import { type Markup, markup } from '../markup.js';
import type { Report } from '../model.js';
import { scatter } from '../svg/scatter.js';
import { deviceName, hint, nothing, panel, panels } from './parts.js';

/** What stood in for measurements in the search, against what was measured then. */
export function costModelSection(report: Report): Markup {
  if (report.costFits.length === 0) {
    return nothing(
      'No cost model was fitted: that takes four algorithms that one search found and one device measured.',
    );
  }
  const drawn = report.costFits.map(({ deviceId, problem, depth, points, meanError, meanErrorOfMean }) => {
    const device = deviceName(report, deviceId);
    const levels = depth > 1 ? `, ${depth} levels` : '';
    const drawing = scatter(
      points.map(({ label, predicted, measured }) => ({
        x: measured,
        y: predicted,
        role: 'found',
        name: `${label}: predicted ${formatSignificant(predicted)}, measured ${formatSignificant(measured)}`,
      })),
      {
        title: `Cost model, ${device}, ${formatProblem(problem)}`,
        xLabel: 'measured time / the baseline’s time',
        yLabel: 'predicted',
        line: 'diagonal',
      },
    );
    const words = `Off by ${formatSignificant(meanError)} in the mean over ${count(points.length, 'algorithm')}; predicting the mean of what was measured before is off by ${formatSignificant(meanErrorOfMean)}.`;
    return markup`<div>${panel(`${formatProblem(problem)}${levels}`, ` ${device}`, drawing)}<p class="hint">${words}</p></div>`;
  });
  return markup`${hint('Measuring takes seconds, so a model of each device estimates t / t_baseline in the tree until the measurement is there. Each point is an algorithm before its first measurement: the model, fitted on those before it, against what came out. On the line it was right. The measurements replay in order; what the search saw can lag behind by those that were waiting.')}${panels(drawn)}`;
}
