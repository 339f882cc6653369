import { formatPrecision, formatProblem, formatShape } from '../format.js';
import { type Markup, markup } from '../markup.js';
import type { DeviceSummary, Group, Report } from '../model.js';
import { omittedRows, plottedRows } from '../pick.js';
import { bySizeChart } from '../svg/by-size.js';
import { speedupDomain, speedupPanel } from '../svg/speedup.js';
import { groupsOf, hint, legend, marksOf, nothing, panel, panels } from './parts.js';

/** Plots speed-ups: by size for each device, and each problem's algorithms, folded where they are many. */
export function speedupSection(report: Report): Markup {
  const withRows = report.groups.filter((group) => plottedRows(group).length > 0);
  if (withRows.length === 0) return nothing('No candidate was measured, so there is nothing to plot.');
  const perDevice = report.devices.flatMap((device) => {
    const groups = groupsOf(report, device).filter((group) => withRows.includes(group));
    if (groups.length === 0) return [];
    const charts = bySize(groups, device);
    const single = problemPanels(groups, device);
    return [
      markup`<h3>${device.name}</h3>${charts}${charts.length === 0 ? single : markup`<details class="more"><summary>Each problem on its own</summary>${single}</details>`}`,
    ];
  });
  return markup`${hint('Dots are estimates, whiskers 95 % intervals. Above 1 is faster than the baseline.')}${legend(marksOf(report.groups))}${perDevice}`;
}

function problemPanels(groups: readonly Group[], device: DeviceSummary): Markup {
  const domain = speedupDomain(groups);
  const drawn = groups.map((group) => {
    const omitted = omittedRows(group);
    const more = omitted > 0 ? ` · ${omitted} more in the table` : '';
    const title = `Speed-up over the baseline, ${device.name}, ${formatProblem(group.problem)}`;
    return panel(
      formatShape(group.problem),
      ` ${formatPrecision(group.problem)}${more}`,
      speedupPanel(group, title, domain),
    );
  });
  return markup`${panels(drawn)}${hint('▲: the agent calls it faster. The thick grey bar at 1 is the A/A control: the baseline against itself.')}`;
}

/** Draws one chart for each precision and number of threads that was measured at several sizes. */
function bySize(groups: readonly Group[], device: DeviceSummary): Markup[] {
  const kinds = [...new Set(groups.map((group) => formatPrecision(group.problem)))];
  return kinds.flatMap((kind) => {
    const alike = groups.filter((group) => formatPrecision(group.problem) === kind);
    if (alike.length < 2) return [];
    const title = `Speed-up by problem size, ${device.name}, ${kind}`;
    return [
      markup`<figure><figcaption>By problem size <span>${kind}</span></figcaption><div class="wide">${bySizeChart(alike, title, 1000)}</div><div class="narrow">${bySizeChart(alike, title, 344)}</div></figure>`,
    ];
  });
}
