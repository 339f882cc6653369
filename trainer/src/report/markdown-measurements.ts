import {
  count,
  formatError,
  formatProblem,
  formatRange,
  formatRatio,
  formatSeconds,
  formatShare,
  formatSignificant,
} from './format.js';
import { deviceName, type Group, type Report } from './model.js';
import { isRecommended } from './pick.js';
import { escapeMarkdown, markdownTable } from './plain-table.js';
import { isBaseline, isMeasured, type ReportRow } from './row.js';
import {
  algorithmWords,
  conditionWords,
  growthWords,
  intervalWords,
  originWords,
  predictedWords,
  remarks,
  statusWords,
  stopReason,
} from './words.js';

const COLUMNS = [
  'Algorithm',
  'Origin',
  'Speed-up',
  '95 % interval',
  'Verdict',
  'Median time',
  'Baseline',
  'GFLOP/s',
  'Of peak',
  'Baseline of peak',
  'Over own GEMM',
  'Own GEMM',
  'Rel. error',
  'Baseline',
  'Predicted',
  'Growth',
  'Denominator',
  'A/A control',
  'Rounds',
  'Made by',
  'Environment',
  'Conditions',
  'Remarks',
];

/** Writes every row, in one table for each device and problem. */
export function measurementBlocks(report: Report): string[] {
  if (report.groups.length === 0) return ['There are no measurements.'];
  return report.groups.flatMap((group) => [
    `### ${escapeMarkdown(`${deviceName(report, group.deviceId)}, ${formatProblem(group.problem)}`)}`,
    markdownTable({ columns: COLUMNS.map((title) => ({ title })), rows: group.rows.map((row) => cells(row, group)) }),
  ]);
}

function cells(row: ReportRow, group: Group): string[] {
  const described = [row.algorithm.label, algorithmWords(row)].filter(Boolean).join(': ');
  const name = isRecommended(row, group) ? `${described} (recommended)` : described;
  const program = [row.backend, row.variant].filter(Boolean).join(' ');
  if (!isMeasured(row)) {
    const figures = new Array<string>(14).fill('');
    return [
      name,
      originWords(row),
      '',
      '',
      statusWords(row),
      ...figures,
      program,
      row.environmentId ?? '',
      '',
      row.message,
    ];
  }
  const { figures } = row;
  const share = (value: number | null): string => (value === null ? 'unknown' : formatShare(value));
  return [
    name,
    originWords(row),
    isBaseline(row) ? '1' : formatRatio(figures.speedup.estimate),
    isBaseline(row) ? 'by definition' : formatRange(figures.speedup),
    statusWords(row),
    formatSeconds(figures.candidateMedianSeconds),
    formatSeconds(figures.baselineMedianSeconds),
    formatSignificant(figures.candidateGflops),
    share(figures.candidateShareOfPeak),
    share(figures.baselineShareOfPeak),
    intervalWords(figures.overOwnGemm),
    intervalWords(figures.ownGemmSpeedup),
    formatError(figures.relativeError),
    formatError(figures.baselineRelativeError),
    predictedWords(row),
    growthWords(row),
    row.algorithm.denominator === null ? '' : String(row.algorithm.denominator),
    intervalWords(figures.aaControl),
    `${count(figures.rounds, 'round')}, ${stopReason(row)}`,
    program,
    row.environmentId ?? 'unknown',
    conditionWords(row.conditions),
    remarks(row).join('; '),
  ];
}
