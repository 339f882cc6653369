// The report of gemm.mjs as text.
import { blasName } from '../../proto/dist/index.js';

/** One table a row of the benchmark: libraries first, then programs. */
export function renderReport({ machine, versions, loadAverage, rows }) {
  return [
    `${machine.cpuModel}, ${machine.cpus} CPUs, ${machine.vectorIsa}; ${versions.compiler} ${versions.compilerFlags}`,
    `load average ${loadAverage.before.toFixed(1)} before, ${loadAverage.after.toFixed(1)} after`,
    ...rows.flatMap((row) => ['', ...renderRow(row)]),
    '',
  ].join('\n');
}

const HEADER = [
  '',
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

function renderRow(row) {
  const title = `${row.size} ${row.dtype}, ${row.threads} thread(s)`;
  if (row.outcome !== 'MEASURED') return [`${title}: ${row.outcome}: ${row.reason}`];
  const rounds = row.libraries[0].seconds.length;
  const share = (gflops) => percent(gflops / row.peakGflops);
  const cells = [
    HEADER,
    ...row.libraries.map((library) => [
      `${blasName(library)}${library.library === row.baseline ? ' (baseline)' : ''}`,
      '',
      '',
      library.gflops.toFixed(1),
      share(library.gflops),
      library.relativeError.toExponential(1),
    ]),
    ...row.programs.map((program) =>
      program.outcome === 'MEASURED' ? measured(program, share) : [program.name, program.outcome],
    ),
  ];
  const reasons = row.programs.filter(({ reason }) => reason !== undefined);
  return [
    `${title}: peak ${row.peakGflops.toFixed(1)} GFLOP/s, ${rounds} rounds, ${row.clock} clock`,
    ...aligned(cells),
    ...reasons.map(({ name, outcome, reason }) => `  ${name}: ${outcome}: ${reason}`),
    ...row.programs
      .filter(({ overErrorFactorLimit }) => overErrorFactorLimit)
      .map(({ name, errorFactorLimit }) => `  ! ${name}: the error is over ${errorFactorLimit} times the baseline's`),
  ];
}

function measured(program, share) {
  const { estimate, low, high } = program.ratio;
  return [
    program.name,
    estimate.toFixed(3),
    `[${low.toFixed(3)}, ${high.toFixed(3)}]`,
    program.gflops.toFixed(1),
    share(program.gflops),
    program.relativeError.toExponential(1),
    `${program.errorFactor.toFixed(1)}${program.overErrorFactorLimit ? ' !' : ''}`,
    (program.workspaceBytes / 1024 ** 2).toFixed(0),
    program.compileSeconds === null ? 'cached' : `${program.compileSeconds.toFixed(1)} s`,
    ['pack', 'multiply', 'combine'].map((phase) => percent(program.shares[phase])).join(' / '),
  ];
}

function percent(share) {
  return `${(100 * share).toFixed(0)} %`;
}

/** The first column to the left, the others to the right. */
function aligned(rows) {
  const widths = HEADER.map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? '').length)));
  return rows.map((cells) =>
    `  ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  ')}`.trimEnd(),
  );
}
