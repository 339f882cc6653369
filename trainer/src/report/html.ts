import { answerSentence } from './answer-words.js';
import { CARRIED_ID } from './carried.js';
import { CLIENT_SCRIPT } from './client.js';
import { Markup, markup } from './markup.js';
import type { Report } from './model.js';
import { answerSection } from './sections/answer.js';
import { changesSection, trendsSection } from './sections/changes.js';
import { comparisonSection } from './sections/comparison.js';
import { costModelSection } from './sections/cost-model.js';
import { devicesSection } from './sections/devices.js';
import { errorFrontSection } from './sections/error-front.js';
import { evaluationsSection } from './sections/evaluations.js';
import { failuresSection } from './sections/failures.js';
import { latencySection } from './sections/latency.js';
import { measurementsSection } from './sections/measurements.js';
import { modelGainSection } from './sections/model-gain.js';
import { noiseSection } from './sections/noise.js';
import { notesSection } from './sections/notes.js';
import { overTimeSection } from './sections/over-time.js';
import { programGainSection } from './sections/program-gain.js';
import { rankLatencySection } from './sections/rank-latency.js';
import { definitionsSection, methodSection, runsSection } from './sections/runs.js';
import { speedupSection } from './sections/speed-up.js';
import { timeModelSection } from './sections/time-model.js';
import { foldedSection, pageHtml, section } from './shell.js';
import { provenanceSentence, scopeSentence, TITLE } from './words.js';

/** Holds what a page shows beside the report. */
interface PageOptions {
  /** Other pages beside this one. */
  readonly links?: readonly { readonly title: string; readonly file: string }[] | undefined;
  /** The packed runs, from which the page can be read again (carried.ts). */
  readonly packed?: string | undefined;
}

/** Writes the report as one self-contained page. It answers first, loads nothing, needs no script and can be printed. */
export function formatHtml(report: Report, { links = [], packed }: PageOptions = {}): string {
  const names = report.runs.map((run) => run.name).join(', ');
  const pages = links.map(({ title, file }) => markup`<li><a href="${encodeURI(file)}">${title}</a></li>`);
  return pageHtml({
    title: `${TITLE}: ${names}`,
    header: markup`<h1>${TITLE}</h1>
<p class="scope">${names}. ${scopeSentence(report)}</p>
${pages.length > 0 ? markup`<nav aria-label="Pages"><ul>${pages}</ul></nav>` : null}`,
    main: reportBody(report),
    footer: `AlphaTensor Edge. Every figure recomputes from the raw samples${packed === undefined ? '' : ', which this page carries: at-trainer report reads it again'}.`,
    script: CLIENT_SCRIPT,
    carried:
      packed === undefined
        ? undefined
        : new Markup(`<script type="application/gzip" id="${CARRIED_ID}">${packed}</script>\n`),
  });
}

/** Makes the sections of a report: the answer, the plots, and folded all that lies behind them. Empty ones are left out. */
export function reportBody(report: Report): Markup {
  return markup`<section aria-labelledby="answer"><h2 id="answer">What to run</h2>
<p class="lead">${answerSentence(report)} <span class="hint">${provenanceSentence(report.provenance)}</span></p>
${answerSection(report)}${notesSection(report)}</section>
${plots(report)}<h2 class="unseen" id="details">Details</h2>
${details(report)}`;
}

function plots(report: Report): Markup[] {
  const all: readonly (readonly [id: string, title: string, body: Markup | null])[] = [
    ['changes', 'Changes', report.changes === null ? null : changesSection(report, report.changes)],
    ['trends', 'Regressions', report.trends === null ? null : trendsSection(report, report.trends)],
    ['model', 'Layers of the model', report.modelGains.length > 0 ? modelGainSection(report) : null],
    ['program', 'Products of the program', report.programGains.length > 0 ? programGainSection(report) : null],
    ['speed-up', 'Speed-up', report.groups.length > 0 ? speedupSection(report) : null],
    ['error-front', 'Speed-up against error', report.errorFronts.length > 0 ? errorFrontSection(report) : null],
    ['comparison', 'Comparison of devices', report.comparisons.length > 0 ? comparisonSection(report) : null],
  ];
  return all.flatMap(([id, title, body]) => (body === null ? [] : [section(id, title, body)]));
}

function details(report: Report): Markup[] {
  const all: readonly (readonly [id: string, title: string, body: Markup | null])[] = [
    ['measurements', 'All measurements', report.groups.length > 0 ? measurementsSection(report) : null],
    ['latency', 'Latency distributions', latencySection(report)],
    ['rank-latency', 'Rank against latency', report.groups.length > 0 ? rankLatencySection(report) : null],
    ['time-model', 'Predicted times', report.timeFits.length > 0 ? timeModelSection(report) : null],
    ['cost-model', 'Cost model', report.costFits.length > 0 ? costModelSection(report) : null],
    ['noise', 'Noise and control', report.noise.length > 0 ? noiseSection(report) : null],
    ['progress', 'Rank and reward over time', overTimeSection(report, 'progress')],
    ['losses', 'Losses', overTimeSection(report, 'losses')],
    ['evaluations', 'Evaluations of the network', evaluationsSection(report)],
    ['devices', 'Devices and environments', devicesSection(report)],
    ['failures', 'What failed and why', failuresSection(report)],
    ['method', 'How it was measured', methodSection(report)],
    ['runs', 'Runs and provenance', runsSection(report)],
    ['definitions', 'Definitions', definitionsSection()],
  ];
  return all.flatMap(([id, title, body]) => (body === null ? [] : [foldedSection(id, title, body)]));
}
