import { blasText, type Interval } from '@alphatensor-edge/proto';
import { percent } from '../common/figures.js';
import { problemText } from './problems.js';
import type { MeasuredRow, ProgramFigures, Report, Row } from './report.js';
import { type Summary, summarize } from './summary.js';

/** The report as text: one table a row of the bench, libraries first, then programs; then what several shapes come to. */
export function renderReport({ machine, compiler, loadAverage, earlier, options, rows }: Report): string {
  return [
    `${machine.cpuModel}, ${machine.cpus} CPUs, ${machine.vectorIsa}; ${compiler.version} ${compiler.flags.join(' ')}`,
    `load average ${loadAverage.before.toFixed(1)} before, ${loadAverage.after.toFixed(1)} after`,
    ...(earlier === null ? [] : [`earlier: ${earlier}`]),
    ...rows.flatMap((row) => ['', ...renderRow(row, earlier !== null)]),
    ...summarize(rows).flatMap((summary) => ['', ...renderSummary(summary, options.maxError)]),
    '',
  ].join('\n');
}

const OVER_EARLIER = ['over earlier', '95 % interval'];
const HEADER = [
  'ratio',
  '95 % interval',
  'of ideal',
  'GFLOP/s',
  'of peak',
  'error',
  'x library',
  'x least',
  'growth',
  'MiB',
  'x A, B, C',
  'compiled',
  'pack/multiply/combine',
];

function renderRow(row: Row, hasEarlier: boolean): string[] {
  const title = problemText(row);
  if (row.outcome !== 'MEASURED') return [`${title}: ${row.outcome}: ${row.reason}`];
  const head = hasEarlier ? ['', ...OVER_EARLIER, ...HEADER] : ['', ...HEADER];
  const cells = [head, ...libraries(row, hasEarlier), ...row.programs.map((each) => program(each, hasEarlier))];
  return [
    `${title}: peak ${row.peakGflops.toFixed(1)} GFLOP/s, ${row.rounds} rounds, ${row.clock} clock`,
    ...aligned(cells),
    ...row.leftOut.map(({ name, outcome, reason }) => `  ${name}: ${outcome}: ${reason}`),
    ...row.programs
      .filter(({ isOverErrorLimit }) => isOverErrorLimit)
      .map(({ name, errorFactorLimit }) => `  ! ${name}: the error is over ${errorFactorLimit} times the baseline's`),
  ];
}

function libraries(row: MeasuredRow, hasEarlier: boolean): string[][] {
  return row.libraries.map((library) => [
    `${blasText(library)}${library.library === row.baseline ? ' (baseline)' : ''}`,
    ...(hasEarlier ? ['', ''] : []),
    '',
    '',
    '',
    library.gflops.toFixed(1),
    percent(library.shareOfPeak),
    library.relativeError.toExponential(1),
  ]);
}

function program(figures: ProgramFigures, hasEarlier: boolean): string[] {
  const { name, ratio, shareOfIdeal, overEarlier, gflops, shareOfPeak, relativeError, growth, shares } = figures;
  const { errorFactor, errorOverLeast, isOverErrorLimit, isOverMaxError } = figures;
  return [
    name,
    ...(hasEarlier ? interval(overEarlier) : []),
    ...interval(ratio),
    shareOfIdeal?.estimate.toFixed(3) ?? '',
    gflops.toFixed(1),
    percent(shareOfPeak),
    relativeError.toExponential(1),
    `${errorFactor.toFixed(2)}${isOverErrorLimit ? ' !' : ''}`,
    `${isOverMaxError ? 'over ' : ''}${errorOverLeast.toFixed(2)}`,
    growth.toFixed(2),
    (figures.workspaceBytes / 1024 ** 2).toFixed(0),
    figures.workspaceShare.toFixed(2),
    figures.compileSeconds === null ? 'cached' : `${figures.compileSeconds.toFixed(1)} s`,
    [shares.pack, shares.multiply, shares.combine].map(percent).join(' / '),
  ];
}

function renderSummary(summary: Summary, maxError?: number): string[] {
  const { dtype, threads, workspaceBound, choices, fastMean, accurateMean } = summary;
  const isBounded = maxError !== undefined;
  const head = ['', 'fastest', 'ratio', 'error', ...(isBounded ? [`within ${maxError}x`, 'ratio', 'error'] : [])];
  const last = [
    'geometric mean',
    '',
    fastMean.toFixed(3),
    '',
    ...(isBounded ? ['', accurateMean?.toFixed(3) ?? 'none'] : []),
  ];
  return [
    `best of each, ${dtype}, ${threads} thread(s)${workspaceBound === undefined ? '' : `, workspace within ${workspaceBound}`}`,
    ...aligned([
      head,
      ...choices.map(({ shape, fast, accurate }) => [shape, ...chosen(fast), ...(isBounded ? chosen(accurate) : [])]),
      last,
    ]),
  ];
}

function chosen(figures: ProgramFigures | undefined): string[] {
  if (figures === undefined) return ['none', '', ''];
  return [figures.name, figures.ratio.estimate.toFixed(3), `${figures.errorOverLeast.toFixed(2)}x`];
}

function interval(value: Interval | undefined): [string, string] {
  if (value === undefined) return ['', ''];
  return [value.estimate.toFixed(3), `[${value.low.toFixed(3)}, ${value.high.toFixed(3)}]`];
}

/** The first column to the left, the others to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? '').length)));
  return rows.map((cells) =>
    `  ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  ')}`.trimEnd(),
  );
}
