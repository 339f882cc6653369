import { foldAlike } from '../alike.js';
import { errorMultiple } from '../error-multiple.js';
import {
  count,
  formatBytes,
  formatError,
  formatList,
  formatMultiple,
  formatProblem,
  formatRange,
  formatRatio,
  formatSeconds,
  formatShare,
  formatSignificant,
} from '../format.js';
import { type Markup, markup } from '../markup.js';
import { deviceName, type Group, type Report } from '../model.js';
import { isRecommended } from '../pick.js';
import { type RemarkLegend, remarkLegend } from '../remark-legend.js';
import { isBaseline, isMeasured, type MeasuredRow, type ReportRow } from '../row.js';
import { algorithmWords, growthWords, originWords, predictedWords, statusWords, stopReason } from '../words.js';
import { hint, nothing, scrollHint } from './parts.js';

const HEAD: readonly (readonly [title: string, detail: string, isNumber: boolean])[] = [
  ['Algorithm', 'origin, program', false],
  ['Speed-up', '95 % interval', true],
  ['Verdict', '', false],
  ['Time', 'baseline', true],
  ['GFLOP/s', 'of peak', true],
  ['Over own GEMM', '95 % interval', true],
  ['Error', 'relative, predicted, growth', true],
  ['Memory', 'compiled in', true],
  ['Rounds', 'ended by', true],
  ['Remarks', '', false],
];

/** Shows every row, in one table for each device and problem, alike ones folded. Remarks are signs that one legend explains. */
export function measurementsSection(report: Report): Markup {
  if (report.groups.length === 0) return nothing('There are no measurements.');
  const legend = remarkLegend(report.groups);
  const tables = report.groups.map((group) => groupTables(report, group, legend));
  return markup`${hint('Fastest first. Small figures belong to the second line of the column’s head; the error is a multiple of a plain product’s.')}
${scrollHint()}${tables}${legendList(legend)}`;
}

function groupTables(report: Report, group: Group, legend: RemarkLegend): Markup {
  const title = `${deviceName(report, group.deviceId)}, ${formatProblem(group.problem)}`;
  const tried = group.rows.filter(({ status }) => status !== 'NOT_MEASURED');
  const absent = group.rows.filter(({ status }) => status === 'NOT_MEASURED').map(({ algorithm }) => algorithm.label);
  const { shown, folded } = foldAlike(tried, group.answer.choice?.jobId);
  const table = (rows: readonly ReportRow[], name: string): Markup => rowTable(name, rows, group, legend);
  return markup`${table(shown, title)}${
    folded.length > 0
      ? markup`<details class="more"><summary>${folded.length} more like these</summary>${table(folded, `${title}, alike ones`)}</details>`
      : null
  }${absent.length > 0 ? hint(`Not measured here: ${formatList(absent)}.`) : null}`;
}

function rowTable(name: string, rows: readonly ReportRow[], group: Group, legend: RemarkLegend): Markup {
  const head = HEAD.map(
    ([title, detail, isNumber]) =>
      markup`<th scope="col" class="${isNumber ? 'number' : ''}">${title}${detail === '' ? null : markup`<small>${detail}</small>`}</th>`,
  );
  return markup`<div class="scroll" role="region" tabindex="0" aria-label="Measurements, ${name}"><table class="sortable"><caption>${name}</caption>
<thead><tr>${head}</tr></thead>
<tbody>${rows.map((row) => tableRow(row, group, legend))}</tbody></table></div>`;
}

function tableRow(row: ReportRow, group: Group, legend: RemarkLegend): Markup {
  const program = [row.backend, row.variant].filter(Boolean).join(' ');
  const environment = row.environmentId ? markup` · <a href="#${row.environmentId}">${row.environmentId}</a>` : null;
  const name = markup`<th scope="row" class="name">${row.algorithm.label}${isRecommended(row, group) ? markup` <span class="tag recommended">recommended</span>` : null}<small>${[originWords(row), algorithmWords(row), denominatorWords(row)].filter(Boolean).join(', ')}</small><small>${program}${environment}</small></th>`;
  if (!isMeasured(row)) {
    return markup`<tr>${name}<td class="number" data-sort="0">—</td><td><span class="tag failed">${statusWords(row)}</span></td><td colspan="7">${row.message}</td></tr>`;
  }
  const { figures } = row;
  const baseline = isBaseline(row);
  const share = figures.candidateShareOfPeak;
  return markup`<tr class="${baseline ? 'baseline' : ''}">${name}${number(
    figures.speedup.estimate,
    baseline ? '1' : formatRatio(figures.speedup.estimate),
    baseline ? 'by definition' : formatRange(figures.speedup),
  )}<td><span class="tag ${figures.verdict}">${statusWords(row)}</span></td>${number(
    figures.candidateMedianSeconds,
    formatSeconds(figures.candidateMedianSeconds),
    formatSeconds(figures.baselineMedianSeconds),
  )}${number(figures.candidateGflops, formatSignificant(figures.candidateGflops), share === null ? 'peak unknown' : formatShare(share))}${ownGemm(row)}${errors(row, group)}${number(
    row.workspaceBytes,
    formatBytes(row.workspaceBytes),
    formatSeconds(row.compileSeconds),
  )}${number(figures.rounds, String(figures.rounds), stopReason(row))}<td class="signs">${legend
    .of(row)
    .map(
      ({ sign, remark }) => markup` <a href="#remark-${sign}" title="${remark}" aria-label="${remark}">${sign}</a>`,
    )}</td></tr>`;
}

function number(value: number, text: string, detail: string): Markup {
  return markup`<td class="number" data-sort="${value}">${text}<small>${detail}</small></td>`;
}

function errors(row: MeasuredRow, group: Group): Markup {
  const { relativeError } = row.figures;
  const detail = [formatError(relativeError), predictedWords(row), growthWords(row)].filter(Boolean).join(', ');
  return number(relativeError, isBaseline(row) ? '—' : formatMultiple(errorMultiple(row, group.rows)), detail);
}

function ownGemm(row: MeasuredRow): Markup {
  const { overOwnGemm } = row.figures;
  if (isBaseline(row) || overOwnGemm === null) return markup`<td class="number" data-sort="0">—</td>`;
  return number(overOwnGemm.estimate, formatRatio(overOwnGemm.estimate), formatRange(overOwnGemm));
}

function denominatorWords({ algorithm: { denominator } }: ReportRow): string {
  return denominator === null || denominator === 1 ? '' : `denominator ${denominator}`;
}

function legendList({ kinds }: RemarkLegend): Markup | null {
  if (kinds.length === 0) return null;
  return markup`<h3>Remarks</h3><dl class="facts remarks">${kinds.map(
    ({ sign, example, rows }) =>
      markup`<dt id="remark-${sign}">${sign}</dt><dd>${example}${rows > 1 ? markup`<small> and alike, ${count(rows, 'row')} in all</small>` : null}</dd>`,
  )}</dl>`;
}
