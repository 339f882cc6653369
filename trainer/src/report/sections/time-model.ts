import { count, formatProblem, formatShare, formatSignificant } from '../format.js';
import { type Markup, markup } from '../markup.js';
import { deviceName, type Report } from '../model.js';
import { scatter } from '../svg/scatter.js';
import { hint, nothing, panel, panels } from './parts.js';

/** Plots the times that tuning predicted, by which it chose what to measure, against the measurements. */
export function timeModelSection(report: Report): Markup {
  if (report.timeFits.length === 0) return nothing('No tuning run predicted enough times.');
  const drawn = report.timeFits.map(({ deviceId, dtype, threads, points, medianError, error90 }) => {
    const device = deviceName(report, deviceId);
    const kind = `${dtype}, ${count(threads, 'thread')}`;
    const drawing = scatter(
      points.map(({ label, problem, predicted, measured }) => ({
        ...{ x: measured, y: predicted, role: 'imported' },
        name: `${label}, ${formatProblem(problem)}: predicted ${formatSignificant(predicted)}, measured ${formatSignificant(measured)}`,
      })),
      {
        title: `Predicted against measured time, ${device}, ${kind}`,
        xLabel: 'measured time / the baseline’s time',
        yLabel: 'predicted',
        line: 'diagonal',
      },
    );
    const words = `Half of ${count(points.length, 'prediction')} were within ${formatShare(medianError)} of the measured time, nine in ten within ${formatShare(error90)}.`;
    return markup`<div>${panel(kind, ` ${device}`, drawing)}<p class="hint">${words}</p></div>`;
  });
  return markup`${hint('Tuning times only what a model of the packed program predicts to be fast: products, bytes of each pass, additions and what a shape wastes, with constants fitted on the device. Each point is the first measurement of an algorithm for a problem, against the prediction of the model fitted on all earlier measurements. Points on the line were predicted exactly. Own GEMM, which is timed first, is not among them.')}${panels(drawn)}`;
}
