import type { Answer, Choice } from '../answer.js';
import {
  choiceNotes,
  isClaimed,
  isSmallGain,
  runWords,
  searchGainWords,
  searchVerdict,
  TAKE_HOME_WORDS,
  unclaimedWords,
  verdictWord,
} from '../answer-words.js';
import {
  formatBytes,
  formatError,
  formatList,
  formatMultiple,
  formatPrecision,
  formatRange,
  formatRatio,
  formatSeconds,
  formatShape,
} from '../format.js';
import { type Markup, markup } from '../markup.js';
import { type DeviceSummary, type Group, type Report, reportedBaselines } from '../model.js';
import { speedupBar, speedupBarDomain } from '../svg/bar.js';
import { hint } from './parts.js';

const COLUMNS: readonly (readonly [title: string, detail: string])[] = [
  ['Problem', ''],
  ['Run this', ''],
  ['Speed-up', '95 % interval, time'],
  ['Verdict', 'A/A: the baseline against itself'],
  ['Error', 'over the smaller of the baseline’s and own plain product’s'],
  ['Memory', 'beside A, B and C'],
  ['Best found', 'against the best known'],
];

/** Makes the table that answers first: for each device and problem what to run, how much faster it is and what it costs. Null where nothing was measured. */
export function answerSection(report: Report): Markup | null {
  if (report.groups.length === 0) return null;
  const domain = speedupBarDomain(report.groups.map(({ answer }) => answer));
  const head = COLUMNS.map(
    ([title, detail]) =>
      markup`<th scope="col">${title}${detail === '' ? null : markup`<small>${detail}</small>`}</th>`,
  );
  const bodies = report.devices.map((device, index) => {
    const groups = report.groups.filter(({ deviceId }) => deviceId === device.id);
    const shared = sharedWords(groups);
    return markup`<tbody id="${idOf(index)}"><tr class="device"><th colspan="${COLUMNS.length}" scope="rowgroup">${device.name}<small>${deviceWords(report, device, shared)}</small></th></tr>
${groups.map((group) => answerRow(group, domain, shared))}${commands(groups)}</tbody>`;
  });
  const isTaken = report.groups.some(({ answer }) => answer.choice?.command);
  return markup`${report.devices.length > 1 ? jumps(report.devices) : null}<table class="answer cards"><caption class="unseen">What to run on each device for each problem</caption>
<thead><tr>${head}</tr></thead>
${bodies}</table>${isTaken ? hint(TAKE_HOME_WORDS) : null}`;
}

/** Leads to each device, since the first alone fills the screen of a phone. */
function jumps(devices: readonly DeviceSummary[]): Markup {
  return markup`<nav aria-label="Devices"><ul>${devices.map(({ name }, index) => markup`<li><a href="#${idOf(index)}">${name}</a></li>`)}</ul></nav>`;
}

function idOf(index: number): string {
  return `answer-${index + 1}`;
}

/** Says what all problems of a device share: `M = K = N, f32, 1 thread`; empty if they differ. */
function sharedWords(groups: readonly Group[]): string {
  const [first, ...others] = groups.map(({ problem }) => problemWords(problem));
  return others.every((words) => words === first) ? (first ?? '') : '';
}

function problemWords(problem: Answer['problem']): string {
  return `${isCube(problem) ? 'M = K = N, ' : ''}${formatPrecision(problem)}`;
}

function isCube({ m, k, n }: Answer['problem']): boolean {
  return m === k && k === n;
}

function sizeWords(problem: Answer['problem']): string {
  return isCube(problem) ? String(problem.n) : formatShape(problem);
}

function deviceWords(report: Report, device: DeviceSummary, shared: string): string {
  const baselines = reportedBaselines(report, device.id);
  return [device.device.cpuModel, shared, baselines === '' ? '' : `compared with ${baselines}`]
    .filter(Boolean)
    .join(' · ');
}

function answerRow({ answer }: Group, domain: readonly [number, number], shared: string): Markup {
  const { problem } = answer;
  const detail = shared === '' ? markup`<small>${problemWords(problem)}</small>` : null;
  const name = markup`<th scope="row">${sizeWords(problem)}${detail}</th>`;
  const search = cell('Best found against best known', searchAdds(answer));
  if (!isClaimed(answer)) {
    return markup`<tr>${name}${cell('Run this', markup`<span class="quiet">${runWords(answer)}</span>`)}${cell(
      'Speed-up',
      markup`<span class="quiet">nothing claimed<small>${unclaimedWords(answer)}</small></span>`,
    )}${verdict(answer)}<td class="none"></td><td class="none"></td>${search}</tr>`;
  }
  const { choice } = answer;
  const notes = choiceNotes(answer);
  return markup`<tr>${name}${cell(
    'Run this',
    markup`<b>${choice.label}</b>${notes.length > 0 ? markup`<small>${notes.join('; ')}</small>` : null}`,
  )}${cell(
    'Speed-up',
    markup`<span class="figure">${formatRatio(choice.speedup.estimate)}×</span> ${speedupBar(choice.speedup, domain)}<small>${formatRange(choice.speedup)} · ${formatSeconds(choice.seconds)} instead of ${formatSeconds(choice.baselineSeconds)}</small>`,
  )}${verdict(answer)}${cell(
    'Error over a plain product’s',
    markup`${formatMultiple(choice.errorMultiple).replace('x', '×')}<small>${errorDetail(choice)}</small>`,
  )}${cell('Memory beside A, B and C', markup`${formatBytes(choice.workspaceBytes)}`)}${search}</tr>
`;
}

/** Shows the verdict with the control beside it. Where nothing is recommended, it is a verdict on the best measured, and says so. */
function verdict(answer: Answer): Markup {
  const { choice } = answer;
  const kind = choice === null ? 'unmeasured' : isSmallGain(choice) ? 'slightly' : choice.verdict;
  const details = [
    ...(choice === null || isClaimed(answer) ? [] : ['the best measured']),
    ...(choice?.aaControl ? [`A/A ${formatRange(choice.aaControl)}`] : []),
  ].join(' · ');
  return cell(
    'Verdict',
    markup`<span class="verdict ${kind}">${verdictWord(answer)}</span>${details === '' ? null : markup`<small>${details}</small>`}`,
  );
}

/** Lists each command of a device once, with the problems that it serves. */
function commands(groups: readonly Group[]): Markup[] {
  const byCommand = new Map<string, string[]>();
  for (const { answer } of groups) {
    const command = answer.choice?.command;
    if (command) byCommand.set(command, [...(byCommand.get(command) ?? []), sizeWords(answer.problem)]);
  }
  return [...byCommand].map(
    ([command, sizes]) =>
      markup`<tr class="take"><td colspan="${COLUMNS.length}">${byCommand.size > 1 ? markup`<small>for ${formatList([...new Set(sizes)])}</small>` : null}<code class="command">${command}</code></td></tr>
`,
  );
}

function cell(label: string, content: Markup): Markup {
  return markup`<td data-label="${label}"><div>${content}</div></td>`;
}

function errorDetail({ relativeError, denominator }: Choice): string {
  return [
    `relative error ${formatError(relativeError)}`,
    ...(denominator === null || denominator === 1 ? [] : [`denominator ${denominator}`]),
  ].join(' · ');
}

function searchAdds({ searchAdds: gain }: Answer): Markup {
  if (gain === null) return markup`<span class="quiet">not compared</span>`;
  return markup`<span class="tag ${searchVerdict(gain)}">${searchGainWords(gain)}</span><small>${formatRange(gain)}</small>`;
}
