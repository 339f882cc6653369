import { blasName, type Interval } from '@alphatensor-edge/proto';
import { percent } from '../common/figures.js';
import type { MeasuredRow, ProgramFigures, Report, Row } from './report.js';

/** The report as text: one table a row of the bench, libraries first, then programs. */
export function renderReport({ machine, compiler, loadAverage, earlier, rows }: Report): string {
  return [
    `${machine.cpuModel}, ${machine.cpus} CPUs, ${machine.vectorIsa}; ${compiler.version} ${compiler.flags.join(' ')}`,
    `load average ${loadAverage.before.toFixed(1)} before, ${loadAverage.after.toFixed(1)} after`,
    ...(earlier === null ? [] : [`earlier: ${earlier}`]),
    ...rows.flatMap((row) => ['', ...renderRow(row, earlier !== null)]),
    '',
  ].join('\n');
}

const OVER_EARLIER = ['over earlier', '95 % interval'];
const HEADER = [
  'ratio',
  '95 % interval',
  'GFLOP/s',
  'of peak',
  'error',
  'factor',
  'MiB',
  'compiled',
  'pack/multiply/combine',
];

function renderRow(row: Row, hasEarlier: boolean): string[] {
  const title = `${row.size} ${row.dtype}, ${row.threads} thread(s)`;
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
    `${blasName(library)}${library.library === row.baseline ? ' (baseline)' : ''}`,
    ...(hasEarlier ? ['', ''] : []),
    '',
    '',
    library.gflops.toFixed(1),
    percent(library.shareOfPeak),
    library.relativeError.toExponential(1),
  ]);
}

function program(figures: ProgramFigures, hasEarlier: boolean): string[] {
  const { name, ratio, overEarlier, gflops, shareOfPeak, relativeError, errorFactor, shares } = figures;
  return [
    name,
    ...(hasEarlier ? interval(overEarlier) : []),
    ...interval(ratio),
    gflops.toFixed(1),
    percent(shareOfPeak),
    relativeError.toExponential(1),
    `${errorFactor.toFixed(1)}${figures.isOverErrorLimit ? ' !' : ''}`,
    (figures.workspaceBytes / 1024 ** 2).toFixed(0),
    figures.compileSeconds === null ? 'cached' : `${figures.compileSeconds.toFixed(1)} s`,
    [shares.pack, shares.multiply, shares.combine].map(percent).join(' / '),
  ];
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
