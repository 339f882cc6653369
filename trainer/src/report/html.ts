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
`,
    main: markup`${reportBody(report)}${pages.length > 0 ? markup`<nav aria-label="Pages beside this one"><ul>${pages}</ul></nav>` : null}`,
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
  const [open, folded] = [plots(report), details(report)].map((all) =>
    all.flatMap(({ body, ...rest }): FilledPart[] => (body === null ? [] : [{ ...rest, body }])),
  );
  return markup`<section aria-labelledby="answer"><h2 id="answer">What to run</h2>
<p class="lead">${answerSentence(report)} <span class="hint">${provenanceSentence(report.provenance)}</span></p>
${answerSection(report)}${notesSection(report)}${contents([...open, ...folded])}</section>
${open.map(({ id, title, body }) => section(id, title, body))}<h2 class="unseen" id="details">Details</h2>
${folded.map(({ id, title, body }) => foldedSection(id, title, body))}`;
}

/** Describes a section; null: there is nothing in it. */
interface Part {
  readonly id: string;
  readonly title: string;
  readonly body: Markup | null;
}

type FilledPart = Part & { readonly body: Markup };

function contents(parts: readonly Part[]): Markup {
  return markup`<nav class="contents" aria-label="Contents"><ul>${parts.map(
    ({ id, title }) => markup`<li><a href="#${id}">${title}</a></li>`,
  )}</ul></nav>`;
}

function plots(report: Report): Part[] {
  return [
    { id: 'changes', title: 'Changes', body: report.changes === null ? null : changesSection(report, report.changes) },
    { id: 'trends', title: 'Regressions', body: report.trends === null ? null : trendsSection(report, report.trends) },
    { id: 'model', title: 'Layers of the model', body: report.modelGains.length > 0 ? modelGainSection(report) : null },
    {
      id: 'program',
      title: 'Products of the program',
      body: report.programGains.length > 0 ? programGainSection(report) : null,
    },
    { id: 'speed-up', title: 'Speed-up', body: report.groups.length > 0 ? speedupSection(report) : null },
    {
      id: 'error-front',
      title: 'Speed-up against error',
      body: report.errorFronts.length > 0 ? errorFrontSection(report) : null,
    },
    {
      id: 'comparison',
      title: 'Comparison of devices',
      body: report.comparisons.length > 0 ? comparisonSection(report) : null,
    },
  ];
}

function details(report: Report): Part[] {
  return [
    {
      id: 'measurements',
      title: 'All measurements',
      body: report.groups.length > 0 ? measurementsSection(report) : null,
    },
    { id: 'latency', title: 'Latency distributions', body: latencySection(report) },
    {
      id: 'rank-latency',
      title: 'Rank against latency',
      body: report.groups.length > 0 ? rankLatencySection(report) : null,
    },
    { id: 'time-model', title: 'Predicted times', body: report.timeFits.length > 0 ? timeModelSection(report) : null },
    { id: 'cost-model', title: 'Cost model', body: report.costFits.length > 0 ? costModelSection(report) : null },
    { id: 'noise', title: 'Noise and control', body: report.noise.length > 0 ? noiseSection(report) : null },
    { id: 'progress', title: 'Rank and reward over time', body: overTimeSection(report, 'progress') },
    { id: 'losses', title: 'Losses', body: overTimeSection(report, 'losses') },
    { id: 'evaluations', title: 'Evaluations of the network', body: evaluationsSection(report) },
    { id: 'devices', title: 'Devices and environments', body: devicesSection(report) },
    { id: 'failures', title: 'What failed and why', body: failuresSection(report) },
    { id: 'method', title: 'How it was measured', body: methodSection(report) },
    { id: 'runs', title: 'Runs and provenance', body: runsSection(report) },
    { id: 'definitions', title: 'Definitions', body: definitionsSection() },
  ];
}
