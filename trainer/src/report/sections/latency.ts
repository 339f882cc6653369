import { formatPrecision, formatProblem, formatShape } from '../format.js';
import { type Markup, markup } from '../markup.js';
import { deviceName, type Report } from '../model.js';
import { plottedRows } from '../pick.js';
import { latencyPanel } from '../svg/latency.js';
import { hint, panel, panels } from './parts.js';

/** Draws every sample; null if there are none. */
export function latencySection(report: Report): Markup | null {
  const groups = report.groups.filter((group) => plottedRows(group).length > 0);
  if (groups.length === 0) return null;
  const drawn = groups.map((group) => {
    const device = deviceName(report, group.deviceId);
    const title = `Samples relative to the baseline's median, ${device}, ${formatProblem(group.problem)}`;
    return panel(
      formatShape(group.problem),
      ` ${formatPrecision(group.problem)} · ${device}`,
      latencyPanel(group, title),
    );
  });
  return markup`${hint('Each stroke is one sample, the bar holds the middle half, and the tall stroke is the median. The baseline in the same rounds is grey, below each algorithm. Left of the line at 1 is faster.')}${panels(drawn)}`;
}
