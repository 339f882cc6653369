import { count, formatPrecision, formatProblem, formatRange, formatRatio, formatShape } from './format.js';
import { Markup, markup } from './markup.js';
import { type DeviceSummary, deviceName, type Group, protocolsOf, type Report } from './model.js';
import { omittedRows, plottedRows } from './pick.js';
import { PLOTTED } from './progress.js';
import { comparisonSection } from './sections/comparison.js';
import { costModelSection } from './sections/cost-model.js';
import { errorFrontSection } from './sections/error-front.js';
import { evaluationsSection } from './sections/evaluations.js';
import { measurementsSection } from './sections/measurements.js';
import { modelGainSection } from './sections/model-gain.js';
import { noiseSection } from './sections/noise.js';
import { groupsOf, legend, nothing, panel } from './sections/parts.js';
import { programGainSection } from './sections/program-gain.js';
import { rankLatencySection } from './sections/rank-latency.js';
import { timeModelSection } from './sections/time-model.js';
import { bySizeChart } from './svg/by-size.js';
import { latencyPanel } from './svg/latency.js';
import { lineSample, overTimePanel } from './svg/over-time.js';
import { speedupDomain, speedupPanel } from './svg/speedup.js';
import { STYLE } from './theme.js';
import {
  DEFINITIONS,
  deviceFacts,
  environmentFacts,
  type Facts,
  factorizationWords,
  protocolSentence,
  provenanceSentence,
  runFacts,
  scopeSentence,
  TITLE,
} from './words.js';

interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Markup;
}

/** Holds what a page shows beside the report. */
interface PageOptions {
  /** Other pages beside this one. */
  readonly links?: readonly { readonly title: string; readonly file: string }[] | undefined;
  /** For a page from the live server: the script that keeps it up to date, and the status shown at the top. */
  readonly live?: { readonly script: string; readonly nonce: string; readonly status: string } | undefined;
}

/** Writes the report as one self-contained page. It loads nothing from other hosts, has no script unless it is live, and can be printed. */
export function formatHtml(report: Report, { links = [], live }: PageOptions = {}): string {
  const sections: Section[] = [
    { id: 'summary', title: 'Summary', body: summary(report) },
    ...(report.devices.length > 1 || report.comparisons.length > 0
      ? [{ id: 'comparison', title: 'Comparison of devices', body: comparisonSection(report) }]
      : []),
    ...(report.modelGains.length > 0
      ? [{ id: 'model', title: 'Layers of the model', body: modelGainSection(report) }]
      : []),
    ...(report.programGains.length > 0
      ? [{ id: 'program', title: 'Products of the program', body: programGainSection(report) }]
      : []),
    { id: 'speed-up', title: 'Speed-up', body: speedups(report) },
    { id: 'measurements', title: 'All measurements', body: measurementsSection(report) },
    { id: 'latency', title: 'Latency distribution', body: latencies(report) },
    { id: 'rank-latency', title: 'Rank against latency', body: rankLatencySection(report) },
    { id: 'error-front', title: 'Speed-up against error', body: errorFrontSection(report) },
    { id: 'time-model', title: 'Predicted times', body: timeModelSection(report) },
    { id: 'cost-model', title: 'Cost model', body: costModelSection(report) },
    { id: 'noise', title: 'Noise and control', body: noiseSection(report) },
    { id: 'progress', title: 'Rank and reward over time', body: overTime(report, 'progress') },
    { id: 'losses', title: 'Losses', body: overTime(report, 'losses') },
    { id: 'evaluations', title: 'Evaluations of the network', body: evaluationsSection(report) },
    { id: 'devices', title: 'Devices and environments', body: devices(report) },
    { id: 'failures', title: 'What failed and why', body: failures(report) },
    { id: 'method', title: 'How it was measured', body: method(report) },
    { id: 'runs', title: 'Runs and provenance', body: runs(report) },
    { id: 'definitions', title: 'Definitions', body: definitions() },
  ];
  const contents = sections.map(({ id, title }) => markup`<li><a href="#${id}">${title}</a></li>`);
  const pages = links.map(({ title, file }) => markup`<li><a href="${encodeURI(file)}">${title}</a></li>`);
  // Fixed words and the server's nonce, so nothing needs escaping.
  const policy = live
    ? `default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-${live.nonce}'; connect-src 'self'`
    : "default-src 'none'; style-src 'unsafe-inline'";
  const bodies = sections.map(
    ({ id, title, body }) => markup`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
${body}</section>
`,
  );
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${new Markup(policy)}">
<title>${TITLE}: ${report.runs.map((run) => run.name).join(', ')}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<header>
<h1>${TITLE}</h1>
<p class="scope">${report.runs.map((run) => run.name).join(', ')}. ${scopeSentence(report)}</p>
${live ? markup`<p class="live" role="status">${live.status}</p>` : null}<p class="banner">${provenanceSentence(report.provenance)}</p>
<nav aria-label="Sections"><ul>${contents}</ul></nav>
${pages.length > 0 ? markup`<nav aria-label="Pages"><ul class="pages">${pages}</ul></nav>` : null}</header>
<main>
${bodies}</main>
<footer>AlphaTensor Edge. Every figure recomputes from the raw samples in the JSON file written beside this page.</footer>
${live ? markup`<script nonce="${live.nonce}">${new Markup(live.script)}</script>` : null}</body>
</html>
`;
  return page.text;
}

function summary(report: Report): Markup {
  if (report.groups.length === 0) {
    return markup`<p>Nothing was measured, so there is no speed-up to report.</p>${notes(report)}`;
  }
  const perDevice = report.devices.map((device) => {
    const cards = groupsOf(report, device).map(({ problem, best }) => {
      const figure = best.speedup
        ? markup`<p class="figure">${formatRatio(best.speedup.estimate)}× <small>95 % interval ${formatRange(best.speedup)}</small></p>
<p class="who">${best.faster ? '▲ ' : ''}${best.label}</p>`
        : null;
      return markup`<article class="card"><h4>${formatProblem(problem)}</h4>${figure}<p>${best.claim}</p></article>`;
    });
    return markup`<h3>${device.name}</h3><div class="cards">${cards}</div>`;
  });
  return markup`<p class="hint">The best algorithm for each device and problem, compared with the fastest BLAS library (the baseline) on the same device.</p>
${perDevice}${notes(report)}`;
}

function notes(report: Report): Markup {
  const all = report.runs.flatMap((run) => run.notes.map((note) => `${run.name}: ${note}`));
  return all.length === 0 ? markup`` : markup`<h3>Notes</h3><ul>${all.map((note) => markup`<li>${note}</li>`)}</ul>`;
}

function speedups(report: Report): Markup {
  const withRows = report.groups.filter((group) => plottedRows(group).length > 0);
  if (withRows.length === 0) return nothing('No candidate was measured, so there is nothing to plot.');
  const perDevice = report.devices.map((device) => {
    const groups = groupsOf(report, device).filter((group) => withRows.includes(group));
    if (groups.length === 0) return markup`<h3>${device.name}</h3>${nothing('Nothing was measured on this device.')}`;
    const domain = speedupDomain(groups);
    const panels = groups.map((group) => {
      const omitted = omittedRows(group);
      const more = omitted > 0 ? ` · ${omitted} more in the table` : '';
      const title = `Speed-up over the baseline, ${device.name}, ${formatProblem(group.problem)}`;
      return panel(
        formatShape(group.problem),
        ` ${formatPrecision(group.problem)}${more}`,
        speedupPanel(group, title, domain),
      );
    });
    return markup`<h3>${device.name}</h3>${bySize(groups, device)}<div class="panels">${panels}</div>`;
  });
  return markup`<p class="hint">Dots are estimates, whiskers are 95 % intervals. Right of the line at 1 is faster than the baseline (▲: the agent says so). The thick grey bar at 1 is the A/A control: the baseline against itself.</p>
${legend([
  ['found', 'found by the search'],
  ['reference', 'known reference'],
  ['imported', 'read from a file'],
])}${perDevice}`;
}

/** Draws one chart for each precision and number of threads that was measured at several sizes. */
function bySize(groups: readonly Group[], device: DeviceSummary): Markup {
  const kinds = [...new Set(groups.map((group) => formatPrecision(group.problem)))];
  const charts = kinds.flatMap((kind) => {
    const alike = groups.filter((group) => formatPrecision(group.problem) === kind);
    if (alike.length < 2) return [];
    const title = `Speed-up by problem size, ${device.name}, ${kind}`;
    return [
      markup`<figure><figcaption>By problem size <span>${kind}</span></figcaption><div class="wide">${bySizeChart(alike, title, 1000)}</div><div class="narrow">${bySizeChart(alike, title, 344)}</div></figure>`,
    ];
  });
  return markup`${charts}`;
}

function latencies(report: Report): Markup {
  const groups = report.groups.filter((group) => plottedRows(group).length > 0);
  if (groups.length === 0) return nothing('There are no samples.');
  const panels = groups.map((group) => {
    const device = deviceName(report, group.deviceId);
    const title = `Samples relative to the baseline's median, ${device}, ${formatProblem(group.problem)}`;
    return panel(
      formatShape(group.problem),
      ` ${formatPrecision(group.problem)} · ${device}`,
      latencyPanel(group, title),
    );
  });
  return markup`<p class="hint">Each stroke is one sample, the bar holds the middle half, and the tall stroke is the median. The baseline in the same rounds is grey, below each algorithm. Left of the line at 1 is faster.</p>
<div class="panels">${panels}</div>`;
}

function overTime(report: Report, group: 'progress' | 'losses'): Markup {
  const panels = PLOTTED.filter((plot) => plot.group === group).flatMap(({ key, title, kind }) => {
    const lines = report.runs.flatMap((run, index) =>
      run.series.filter((series) => series.key === key).map(({ points }) => ({ run: index, points })),
    );
    return lines.length === 0 ? [] : [panel(title, '', overTimePanel(lines, `${title} over time`, kind))];
  });
  if (panels.length === 0) return nothing('The runs recorded none of this.');
  const names = report.runs.map(({ name }, index) => markup`<li>${lineSample(index)}${name}</li>`);
  return markup`${names.length > 1 ? markup`<ul class="legend">${names}</ul>` : null}<div class="panels">${panels}</div>`;
}

function devices(report: Report): Markup {
  if (report.devices.length === 0) return nothing('No device measured anything.');
  return markup`${report.devices.map((device) => {
    const environments = report.environments.filter(({ deviceId }) => deviceId === device.id);
    return markup`<h3>${device.name}</h3>${facts(deviceFacts(device))}
<div class="cards">${environments.map(
      ({ id, environment }) =>
        markup`<article class="card" id="${id}"><h4>Environment ${id}</h4>${facts(environmentFacts(environment))}</article>`,
    )}</div>`;
  })}`;
}

function failures(report: Report): Markup {
  if (report.failures.length === 0) {
    return nothing(
      report.jobs === 0 ? 'Nothing was tried on a device.' : `None of the ${count(report.jobs, 'job')} failed.`,
    );
  }
  const rows = report.failures.map(
    (
      failure,
    ) => markup`<tr><th scope="row"><span class="tag failed">${failure.status.toLowerCase().replace(/_/g, ' ')}</span></th>
<td>${deviceName(report, failure.deviceId)}<small>${failure.backend}</small></td><td class="number">${failure.jobs}</td>
<td>${failure.algorithms.join(', ')}<small>${failure.problems.join('; ')}</small></td>
<td class="name">${failure.message || 'no message'}${
      failure.diagnostics
        ? markup`<details><summary>What was printed</summary><pre>${failure.diagnostics}</pre></details>`
        : null
    }</td></tr>`,
  );
  return markup`<div class="scroll" role="region" tabindex="0" aria-label="Failed jobs"><table><caption>Jobs that ended without a measurement <span>alike ones in one row</span></caption>
<thead><tr><th scope="col">Outcome</th><th scope="col">Device</th><th scope="col" class="number">Jobs</th><th scope="col">Algorithms</th><th scope="col">Why</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function method(report: Report): Markup {
  const protocols = protocolsOf(report);
  if (protocols.length === 0) return nothing('No measurement states its protocol.');
  const several = protocols.length > 1 ? markup`<p>${protocols.length} protocols were in use:</p>` : null;
  return markup`${several}${protocols.map((protocol) => markup`<p>${protocolSentence(protocol)}</p>`)}`;
}

function runs(report: Report): Markup {
  return markup`${report.runs.map(
    (run) =>
      markup`<h3>${run.name}</h3>${facts(runFacts(run))}${
        run.factorizations.length === 0
          ? nothing('The run kept no factorizations.')
          : markup`<details><summary>${count(run.factorizations.length, 'exact factorization')} kept</summary><ul>${run.factorizations.map(
              (factorization) => markup`<li>${factorizationWords(factorization)}</li>`,
            )}</ul></details>`
      }`,
  )}`;
}

function definitions(): Markup {
  return markup`<dl class="terms">${DEFINITIONS.map(([term, meaning]) => markup`<dt>${term}</dt><dd>${meaning}</dd>`)}</dl>`;
}

function facts(list: Facts): Markup {
  return markup`<dl class="facts">${list.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}
