import { type Markup, markup } from '../markup.js';
import type { Report } from '../model.js';
import { overTimePanel } from '../svg/over-time.js';
import { scatter } from '../svg/scatter.js';
import { hint, panel, panels } from './parts.js';

/** Plots what the runs recorded under `eval.`: how good the network is on problems that it was not trained on. */
export function evaluationsSection(report: Report): Markup | null {
  const drawn = report.runs.flatMap((run) => {
    const overTime = run.evaluations.map(({ name, series }) => {
      const lines = series.map(({ key, points }, index) => ({ run: index, points, label: key }));
      return panel(
        titleOf(name),
        ` ${run.name}`,
        overTimePanel(lines, `${titleOf(name)} over time, ${run.name}`, 'mean'),
      );
    });
    return run.calibration === null ? overTime : [...overTime, calibrationPanel(run.name, run.calibration)];
  });
  if (drawn.length === 0) return null;
  return markup`${hint('On tensors that were kept out of training. Each line ends with its name and its last value.')}${panels(drawn)}`;
}

function calibrationPanel(run: string, pairs: readonly (readonly [predicted: number, actual: number])[]): Markup {
  const drawing = scatter(
    pairs.map(([predicted, actual]) => ({
      x: actual,
      y: predicted,
      role: 'found',
      name: `predicted ${predicted}, actual ${actual}`,
    })),
    { title: `Value calibration, ${run}`, xLabel: 'real return', yLabel: 'predicted return', line: 'diagonal' },
  );
  return panel('Value calibration, last', ` ${run}`, drawing);
}

/** Writes `solved_fraction` as `Solved fraction`. */
function titleOf(name: string): string {
  const words = name.replace(/[._]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
