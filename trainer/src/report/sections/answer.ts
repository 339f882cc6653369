import type { Answer } from '../answer.js';
import { choiceNotes, isClaimed, runWords, unclaimedWords, verdictWord } from '../answer-words.js';
import {
  formatBytes,
  formatError,
  formatMultiple,
  formatPrecision,
  formatRange,
  formatRatio,
  formatSeconds,
  formatShape,
  formatSignificant,
} from '../format.js';
import { type Markup, markup } from '../markup.js';
import { type DeviceSummary, type Group, type Report, reportedBaselines } from '../model.js';
import { speedupBar, speedupBarDomain } from '../svg/bar.js';
import { nothing } from './parts.js';

const COLUMNS: readonly (readonly [title: string, detail: string])[] = [
  ['Problem', ''],
  ['Run this', ''],
  ['Speed-up', '95 % interval, time'],
  ['Verdict', ''],
  ['Error', 'over a plain product’s'],
  ['Memory', 'workspace'],
  ['The search adds', 'over what was known'],
];

/** Makes the table that answers first: for each device and problem what to run, how much faster it is and what it costs. */
export function answerSection(report: Report): Markup {
  if (report.groups.length === 0) return nothing('Nothing was measured, so there is no speed-up to report.');
  const domain = speedupBarDomain(report.groups.map(({ answer }) => answer));
  const head = COLUMNS.map(
    ([title, detail]) =>
      markup`<th scope="col">${title}${detail === '' ? null : markup`<small>${detail}</small>`}</th>`,
  );
  const bodies = report.devices.map((device) => {
    const groups = report.groups.filter(({ deviceId }) => deviceId === device.id);
    return markup`<tbody><tr class="device"><th colspan="${COLUMNS.length}" scope="rowgroup">${device.name}<small>${deviceWords(report, device)}</small></th></tr>
${groups.map((group) => answerRows(group, domain))}</tbody>`;
  });
  return markup`<table class="answer cards"><caption class="unseen">What to run on each device for each problem</caption>
<thead><tr>${head}</tr></thead>
${bodies}</table>`;
}

function deviceWords(report: Report, device: DeviceSummary): string {
  const { cpuModel } = device.device;
  const baselines = reportedBaselines(report, device.id);
  return [cpuModel, baselines === '' ? '' : `compared with ${baselines}`].filter(Boolean).join(' · ');
}

function answerRows({ answer }: Group, domain: readonly [number, number]): Markup {
  const { problem } = answer;
  const isOne = problem.m === problem.k && problem.k === problem.n;
  const name = markup`<th scope="row">${isOne ? problem.n : formatShape(problem)}<small>${isOne ? 'M = K = N, ' : ''}${formatPrecision(problem)}</small></th>`;
  const verdict = markup`<td data-label="Verdict"><span class="verdict ${verdictWord(answer)}">${verdictWord(answer)}</span></td>`;
  const adds = cell('The search adds', searchAdds(answer));
  if (!isClaimed(answer)) {
    return markup`<tr>${name}${cell('Run this', markup`<span class="quiet">${runWords(answer)}</span>`)}${cell(
      'Speed-up',
      markup`<span class="quiet">nothing claimed<small>${unclaimedWords(answer)}</small></span>`,
    )}${verdict}<td class="none"></td><td class="none"></td>${adds}</tr>`;
  }
  const { choice } = answer;
  const notes = choiceNotes(answer);
  return markup`<tr>${name}${cell(
    'Run this',
    markup`<b>${choice.label}</b>${notes.length > 0 ? markup`<small>${notes.join('; ')}</small>` : null}`,
  )}${cell(
    'Speed-up',
    markup`<span class="figure">${formatRatio(choice.speedup.estimate)}×</span> ${speedupBar(choice.speedup, domain)}<small>${formatRange(choice.speedup)} · ${formatSeconds(choice.seconds)} instead of ${formatSeconds(choice.baselineSeconds)}</small>`,
  )}${verdict}${cell(
    'Error',
    markup`${formatMultiple(choice.errorMultiple).replace('x', '×')}<small>${errorDetail(answer)}</small>`,
  )}${cell('Memory', markup`${formatBytes(choice.workspaceBytes)}`)}${adds}</tr>
${
  choice.command === null
    ? null
    : markup`<tr class="take"><td colspan="${COLUMNS.length}"><code class="command">${choice.command}</code></td></tr>`
}`;
}

function cell(label: string, content: Markup): Markup {
  return markup`<td data-label="${label}"><div>${content}</div></td>`;
}

function errorDetail({ choice }: Answer): string {
  if (choice === null) return '';
  return [
    formatError(choice.relativeError),
    ...(choice.growth === null ? [] : [`growth ${formatSignificant(choice.growth)}`]),
    ...(choice.denominator === null || choice.denominator === 1 ? [] : [`denominator ${choice.denominator}`]),
  ].join(' · ');
}

function searchAdds({ searchAdds: gain }: Answer): Markup {
  if (gain === null) return markup`<span class="quiet">not compared</span>`;
  const isClear = gain.low > 1 || gain.high < 1;
  return markup`<span class="${isClear ? '' : 'quiet'}">${formatRatio(gain.estimate)}×<small>${formatRange(gain)}</small></span>`;
}
