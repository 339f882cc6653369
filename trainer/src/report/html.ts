import {
  count,
  formatBytes,
  formatError,
  formatPrecision,
  formatProblem,
  formatRange,
  formatRatio,
  formatSeconds,
  formatShape,
  formatShare,
  formatSignificant,
} from './format.js';
import { Markup, markup } from './markup.js';
import { type DeviceSummary, type Group, protocolsOf, type Report } from './model.js';
import { omittedRows, plottedRows } from './pick.js';
import { PLOTTED } from './progress.js';
import { isMeasured, isVendor, type MeasuredRow, type ReportRow } from './rows.js';
import { bySizeChart } from './svg/by-size.js';
import { marker } from './svg/elements.js';
import { latencyPanel } from './svg/latency.js';
import { lineSample, overTimePanel } from './svg/over-time.js';
import { speedupDomain, speedupPanel } from './svg/speedup.js';
import { STYLE } from './theme.js';
import {
  algorithmWords,
  conditionWords,
  DEFINITIONS,
  deviceFacts,
  environmentFacts,
  type Facts,
  factorizationWords,
  originWords,
  protocolSentence,
  provenanceSentence,
  remarks,
  runFacts,
  scopeSentence,
  statusWords,
  stopReason,
  TITLE,
} from './words.js';

interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Markup;
}

/** The report as one self-contained page: no scripts, no requests, readable offline and on paper. */
export function formatHtml(report: Report): string {
  const sections: Section[] = [
    { id: 'summary', title: 'Summary', body: summary(report) },
    { id: 'speed-up', title: 'Speed-up', body: speedups(report) },
    { id: 'measurements', title: 'All measurements', body: measurements(report) },
    { id: 'latency', title: 'Latency distribution', body: latencies(report) },
    { id: 'progress', title: 'Rank and reward over time', body: overTime(report, 'progress') },
    { id: 'losses', title: 'Losses', body: overTime(report, 'losses') },
    { id: 'devices', title: 'Devices and environments', body: devices(report) },
    { id: 'failures', title: 'What failed and why', body: failures(report) },
    { id: 'method', title: 'How it was measured', body: method(report) },
    { id: 'runs', title: 'Runs and provenance', body: runs(report) },
    { id: 'definitions', title: 'Definitions', body: definitions() },
  ];
  const links = sections.map(({ id, title }) => markup`<li><a href="#${id}">${title}</a></li>`);
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
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${TITLE}: ${report.runs.map((run) => run.name).join(', ')}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<header>
<h1>${TITLE}</h1>
<p class="scope">${report.runs.map((run) => run.name).join(', ')}. ${scopeSentence(report)}</p>
<p class="banner">${provenanceSentence(report.provenance)}</p>
<nav aria-label="Sections"><ul>${links}</ul></nav>
</header>
<main>
${bodies}</main>
<footer>AlphaTensor Edge. Every figure recomputes from the raw samples in the JSON file written beside this page.</footer>
</body>
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
  return markup`<p class="hint">The best algorithm of each device and problem, against the vendor’s own matrix product (GEMM) on the same device.</p>
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
      const title = `Speed-up over the vendor GEMM, ${device.name}, ${formatProblem(group.problem)}`;
      return panel(
        formatShape(group.problem),
        ` ${formatPrecision(group.problem)}${more}`,
        speedupPanel(group, title, domain),
      );
    });
    return markup`<h3>${device.name}</h3>${bySize(groups, device)}<div class="panels">${panels}</div>`;
  });
  return markup`<p class="hint">Dots are estimates, whiskers 95 % intervals; right of the line at 1 is faster than the vendor GEMM (▲: by the agent’s verdict). The thick grey bar at 1 is the A/A control: the vendor against itself.</p>
${legend()}${perDevice}`;
}

/** One chart for each precision and number of threads that was measured at several sizes. */
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

function legend(): Markup {
  const entry = (role: string, words: string): Markup =>
    markup`<li><svg viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">${marker(7, 7, role)}</svg>${words}</li>`;
  return markup`<ul class="legend">${[
    entry('found', 'found by the search'),
    entry('reference', 'known reference'),
    entry('imported', 'read from a file'),
  ]}</ul>`;
}

function panel(caption: string, detail: string, drawing: Markup): Markup {
  return markup`<figure><figcaption>${caption}<span>${detail}</span></figcaption>${drawing}</figure>`;
}

function measurements(report: Report): Markup {
  if (report.groups.length === 0) return nothing('There are no measurements.');
  const tables = report.groups.map((group) => {
    const device = deviceName(report, group.deviceId);
    return markup`<div class="scroll" role="region" tabindex="0" aria-label="Measurements on ${device}, ${formatProblem(group.problem)}"><table>
<caption>${device} <span>${formatProblem(group.problem)}</span></caption>
<thead><tr><th scope="col">Algorithm<small>backend, environment</small></th><th scope="col" class="number">Speed-up<small>95 % interval</small></th><th scope="col">Verdict</th><th scope="col" class="number">Median time<small>vendor</small></th><th scope="col" class="number">GFLOP/s, of peak<small>vendor</small></th><th scope="col" class="number">Over own GEMM<small>own over vendor</small></th><th scope="col" class="number">Rel. error<small>vendor</small></th><th scope="col" class="number">A/A control</th><th scope="col">Rounds<small>compiled, workspace</small></th><th scope="col">Remarks and conditions</th></tr></thead>
<tbody>${group.rows.map(tableRow)}</tbody></table></div>`;
  });
  return markup`<p class="hint">Fastest first. Small grey figures under a figure are those of the column’s second line.</p>${tables}`;
}

function tableRow(row: ReportRow): Markup {
  const program = markup`<small>${[row.backend, row.variant].filter(Boolean).join(' ')}${
    row.environmentId ? markup` · <a href="#${row.environmentId}">${row.environmentId}</a>` : null
  }</small>`;
  const name = markup`<th scope="row" class="name">${row.algorithm.label}<small>${originWords(row)}</small><small>${algorithmWords(row)}</small>${program}</th>`;
  if (!isMeasured(row)) {
    const failed = row.status === 'NOT_MEASURED' ? '' : 'failed';
    return markup`<tr>${name}<td class="number">—</td><td><span class="tag ${failed}">${statusWords(row)}</span></td><td colspan="7">${row.message}</td></tr>`;
  }
  const { figures } = row;
  const vendor = isVendor(row);
  return markup`<tr class="${vendor ? 'baseline' : ''}">${name}
<td class="number">${vendor ? '1' : formatRatio(figures.speedup.estimate)}<small>${vendor ? 'by definition' : formatRange(figures.speedup)}</small></td>
<td><span class="tag ${figures.verdict}">${statusWords(row)}</span></td>
<td class="number">${formatSeconds(figures.candidateMedianSeconds)}<small>${formatSeconds(figures.vendorMedianSeconds)}</small></td>
<td class="number">${rate(figures.candidateGflops, figures.candidateShareOfPeak)}<small>${rate(figures.vendorGflops, figures.vendorShareOfPeak)}</small></td>
<td class="number">${ownGemm(row)}</td>
<td class="number">${formatError(figures.relativeError)}<small>${formatError(figures.vendorRelativeError)}</small></td>
<td class="number">${figures.aaControl ? formatRatio(figures.aaControl.estimate) : 'unknown'}<small>${figures.aaControl ? formatRange(figures.aaControl) : ''}</small></td>
<td class="tag">${count(figures.rounds, 'round')}<small>${stopReason(row)}</small><small>${formatSeconds(row.compileSeconds)}, ${formatBytes(row.workspaceBytes)}</small></td>
<td class="remarks">${remarks(row).map((remark) => markup`<div>${remark}</div>`)}<small>${conditionWords(row.conditions)}</small></td></tr>`;
}

function rate(gflops: number, share: number | null): string {
  return `${formatSignificant(gflops)}, ${share === null ? 'unknown' : formatShare(share)}`;
}

function ownGemm(row: MeasuredRow): Markup {
  const { overOwnGemm, ownGemmSpeedup } = row.figures;
  if (overOwnGemm === null) return markup`not measured`;
  return markup`${isVendor(row) ? '—' : formatRatio(overOwnGemm.estimate)}<small>${isVendor(row) ? '' : formatRange(overOwnGemm)}</small><small>own ${ownGemmSpeedup ? formatRatio(ownGemmSpeedup.estimate) : 'unknown'}</small>`;
}

function latencies(report: Report): Markup {
  const groups = report.groups.filter((group) => plottedRows(group).length > 0);
  if (groups.length === 0) return nothing('There are no samples.');
  const panels = groups.map((group) => {
    const device = deviceName(report, group.deviceId);
    const title = `Samples relative to the vendor's median, ${device}, ${formatProblem(group.problem)}`;
    return panel(
      formatShape(group.problem),
      ` ${formatPrecision(group.problem)} · ${device}`,
      latencyPanel(group, title),
    );
  });
  return markup`<p class="hint">Every stroke is one sample; the bar is the middle half, the tall stroke the median. Under each algorithm, in grey, the vendor GEMM in the same rounds. Left of the line at 1 is faster.</p>
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

function nothing(sentence: string): Markup {
  return markup`<p>${sentence}</p>`;
}

function groupsOf(report: Report, device: DeviceSummary): Group[] {
  return report.groups.filter(({ deviceId }) => deviceId === device.id);
}

function deviceName(report: Report, id: string): string {
  return report.devices.find((device) => device.id === id)?.name ?? id;
}
