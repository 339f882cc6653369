import { count, formatProblem, formatSignificant } from '../format.js';
import { type Markup, markup } from '../markup.js';
import { deviceName, type Report } from '../model.js';
import { pricesWords } from '../prices.js';
import { scatter } from '../svg/scatter.js';
import { hint, nothing, panel, panels } from './parts.js';

/** Plots the cost model's predictions, which the search used before measuring, against the measurements. */
export function costModelSection(report: Report): Markup {
  if (report.costFits.length === 0) {
    return nothing('No cost model was fitted: it needs four algorithms that one search found and one device measured.');
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
    const words = `Mean error ${formatSignificant(meanError)} over ${count(points.length, 'algorithm')}; predicting the mean of earlier measurements would have ${formatSignificant(meanErrorOfMean)}.`;
    return markup`<div>${panel(`${formatProblem(problem)}${levels}`, ` ${device}`, drawing)}<p class="hint">${words}</p></div>`;
  });
  const prices = report.runs.flatMap(({ name, prices: of }) =>
    of === undefined ? [] : [markup`<p class="hint">${name}: ${pricesWords(of)}</p>`],
  );
  return markup`${prices}${hint('Measuring takes seconds, so a model of each device estimates t / t_baseline in the tree until the measurement arrives. The plots replay the model that follows the coefficients of an algorithm. Each point is an algorithm: the prediction of the model, fitted on all earlier measurements, against the measured value. Points on the line were predicted exactly. The measurements are replayed in order; the search itself may have seen fewer of them, because some were still waiting.')}${panels(drawn)}`;
}
