import {
  count,
  formatBytes,
  formatError,
  formatProblem,
  formatRange,
  formatRatio,
  formatSeconds,
  formatShare,
  formatSignificant,
} from '../format.js';
import { type Markup, markup } from '../markup.js';
import { deviceName, type Report } from '../model.js';
import { isBaseline, isMeasured, type MeasuredRow, type ReportRow } from '../row.js';
import {
  algorithmWords,
  conditionWords,
  growthWords,
  originWords,
  predictedWords,
  remarks,
  statusWords,
  stopReason,
} from '../words.js';
import { nothing } from './parts.js';

/** Shows every row, in one table for each device and problem. */
export function measurementsSection(report: Report): Markup {
  if (report.groups.length === 0) return nothing('There are no measurements.');
  const tables = report.groups.map((group) => {
    const device = deviceName(report, group.deviceId);
    return markup`<div class="scroll" role="region" tabindex="0" aria-label="Measurements on ${device}, ${formatProblem(group.problem)}"><table>
<caption>${device} <span>${formatProblem(group.problem)}</span></caption>
<thead><tr><th scope="col">Algorithm<small>backend, environment</small></th><th scope="col" class="number">Speed-up<small>95 % interval</small></th><th scope="col">Verdict</th><th scope="col" class="number">Median time<small>baseline</small></th><th scope="col" class="number">GFLOP/s, of peak<small>baseline</small></th><th scope="col" class="number">Over own GEMM<small>own over baseline</small></th><th scope="col" class="number">Rel. error<small>baseline</small><small>predicted</small><small>growth</small></th><th scope="col" class="number">A/A control</th><th scope="col">Rounds<small>compiled, workspace</small></th></tr></thead>
${group.rows.map(tableRow)}</table></div>`;
  });
  return markup`<p class="hint">Fastest first. Small grey figures belong to the second line of the column’s head. The last line of each row has remarks and conditions.</p>${tables}`;
}

function tableRow(row: ReportRow): Markup {
  const program = markup`<small>${[row.backend, row.variant].filter(Boolean).join(' ')}${
    row.environmentId ? markup` · <a href="#${row.environmentId}">${row.environmentId}</a>` : null
  }</small>`;
  const name = markup`<th scope="row" class="name">${row.algorithm.label}<small>${originWords(row)}</small><small>${algorithmWords(row)}</small>${program}</th>`;
  if (!isMeasured(row)) {
    const failed = row.status === 'NOT_MEASURED' ? '' : 'failed';
    return markup`<tbody><tr>${name}<td class="number">—</td><td><span class="tag ${failed}">${statusWords(row)}</span></td><td colspan="6">${row.message}</td></tr></tbody>`;
  }
  const { figures } = row;
  const baseline = isBaseline(row);
  return markup`<tbody class="measured${baseline ? ' baseline' : ''}"><tr>${name}
<td class="number">${baseline ? '1' : formatRatio(figures.speedup.estimate)}<small>${baseline ? 'by definition' : formatRange(figures.speedup)}</small></td>
<td><span class="tag ${figures.verdict}">${statusWords(row)}</span></td>
<td class="number">${formatSeconds(figures.candidateMedianSeconds)}<small>${formatSeconds(figures.baselineMedianSeconds)}</small></td>
<td class="number">${rate(figures.candidateGflops, figures.candidateShareOfPeak)}<small>${rate(figures.baselineGflops, figures.baselineShareOfPeak)}</small></td>
<td class="number">${ownGemm(row)}</td>
<td class="number">${formatError(figures.relativeError)}<small>${formatError(figures.baselineRelativeError)}</small><small>${predictedWords(row)}</small><small>${growthWords(row)}</small></td>
<td class="number">${figures.aaControl ? formatRatio(figures.aaControl.estimate) : 'unknown'}<small>${figures.aaControl ? formatRange(figures.aaControl) : ''}</small></td>
<td class="tag">${count(figures.rounds, 'round')}<small>${stopReason(row)}</small><small>${formatSeconds(row.compileSeconds)}, ${formatBytes(row.workspaceBytes)}</small></td>
</tr><tr><td class="remarks" colspan="9"><p>${remarks(row).join(' · ')}</p><small>${conditionWords(row.conditions)}</small></td></tr></tbody>`;
}

function rate(gflops: number, share: number | null): string {
  return `${formatSignificant(gflops)}, ${share === null ? 'unknown' : formatShare(share)}`;
}

function ownGemm(row: MeasuredRow): Markup {
  const { overOwnGemm, ownGemmSpeedup } = row.figures;
  if (overOwnGemm === null) return markup`not measured`;
  return markup`${isBaseline(row) ? '—' : formatRatio(overOwnGemm.estimate)}<small>${isBaseline(row) ? '' : formatRange(overOwnGemm)}</small><small>own ${ownGemmSpeedup ? formatRatio(ownGemmSpeedup.estimate) : 'unknown'}</small>`;
}
