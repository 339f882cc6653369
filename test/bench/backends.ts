import { parseArgs } from 'node:util';
import type { Backend } from '@alphatensor-edge/agent/backends/backend.js';
import { BACKENDS, findToolchain, precisionOf } from '@alphatensor-edge/agent/backends/backends.js';
import { runJob } from '@alphatensor-edge/agent/job/run-job.js';
import { resolveProtocol } from '@alphatensor-edge/agent/measure/protocol.js';
import type { NumberFormat } from '@alphatensor-edge/agent/plan/plan.js';
import { blasName, type Interval, type Measurement } from '@alphatensor-edge/proto';
import { formatSize, loadFactorization, type VerifiedFactorization } from '@alphatensor-edge/shared';
import type { Bench } from './bench.js';
import { figure } from './common/figures.js';
import { machine, machineLine } from './common/machine.js';
import { count, positive } from './common/options.js';

export const bench: Bench = {
  summary: "one factorization on every backend of this machine, against each one's own product",
  help: `One factorization on every backend of this machine, against each one's own product.

  --algorithm NAME   a known one such as strassen, winograd, laderman, or a file (winograd)
  --levels N         (1)
  --size N           of the square matrices (768)
  --budget SECONDS   of each measurement (8)
  --json             one object instead of the table
`,
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        algorithm: { type: 'string', default: 'winograd' },
        levels: { type: 'string', default: '1' },
        size: { type: 'string', default: '768' },
        budget: { type: 'string', default: '8' },
        json: { type: 'boolean', default: false },
      },
    });
    const { factorization } = await loadFactorization(values.algorithm);
    const trial: Trial = {
      levels: Array(count('--levels', values.levels)).fill(factorization),
      size: count('--size', values.size),
      budgetSeconds: positive('--budget', values.budget),
    };
    const rows: Row[] = [];
    for (const backend of BACKENDS) rows.push(...(await rowsOf(backend, trial)));
    if (values.json) console.log(JSON.stringify({ machine: machine(), rows }, null, 2));
    else {
      const { size } = trial;
      const name = `${formatSize(factorization.size).slice(0, -1)};${factorization.rank}>`;
      console.log(`${name}, ${trial.levels.length} level(s), ${size}x${size}x${size}, one thread; ${machineLine()}\n`);
      console.log(
        '| backend | type | baseline | baseline GFLOP/s | speed-up | own <1,1,1> | relative error | compiled in |',
      );
      console.log('|---|---|---|---|---|---|---|---|');
      for (const row of rows) console.log(lineOf(row));
    }
    if (rows.some((row) => 'failed' in row)) process.exitCode = 1;
  },
};

interface Trial {
  readonly levels: readonly VerifiedFactorization[];
  readonly size: number;
  readonly budgetSeconds: number;
}

/** What one backend came to with one number format. */
type Row =
  | { readonly backend: string; readonly missing: string }
  | { readonly backend: string; readonly dtype: NumberFormat; readonly failed: string }
  | ({ readonly backend: string; readonly dtype: NumberFormat } & Figures);

interface Figures {
  readonly compiler: string;
  readonly baseline: string;
  readonly baselineGflops: number;
  readonly speedup: Interval;
  readonly own: Interval;
  readonly relativeError: number;
  readonly compileSeconds: number;
  readonly rounds: number;
}

const FORMATS: readonly NumberFormat[] = ['f32', 'f64', 'f16', 'bf16'];
const { signal } = new AbortController();

async function rowsOf({ name, dtypes }: Backend, trial: Trial): Promise<Row[]> {
  const probe = await findToolchain(name, signal);
  if (!probe.ok) return [{ backend: name, missing: probe.reason.split('; ')[0] }];
  const rows: Row[] = [];
  // Formats in one order everywhere; those that a backend has.
  for (const dtype of FORMATS.filter((each) => dtypes.includes(each))) {
    rows.push({ backend: name, dtype, ...(await measure(name, dtype, trial)) });
  }
  return rows;
}

async function measure(
  backend: string,
  dtype: NumberFormat,
  { levels, size, budgetSeconds }: Trial,
): Promise<Figures | { readonly failed: string }> {
  const outcome = await runJob(
    {
      jobId: `${backend}-${dtype}`,
      levels,
      problem: { m: size, k: size, n: size, dtype, threads: 1 },
      backend,
      variant: '',
      protocol: { ...resolveProtocol(null, precisionOf(backend, dtype)), budgetSeconds, includeOwnGemm: true },
      compileTimeoutSeconds: 120,
      tunePlans: 0,
    },
    { signal, onProgress: () => {} },
  );
  const { measurement, environment } = outcome;
  const blas = environment?.blas;
  if (!measurement || !environment || !blas) return { failed: `${outcome.kind}: ${outcome.message}` };
  return {
    compiler: environment.compiler,
    baseline: `${blasName(blas)}${blas.thirdParty ? '' : ' (no BLAS library)'}`,
    baselineGflops: measurement.baselineGflops,
    speedup: told(measurement, 'speedup'),
    own: told(measurement, 'ownGemmSpeedup'),
    relativeError: measurement.relativeError,
    compileSeconds: outcome.compileSeconds,
    rounds: measurement.baselineSeconds.length,
  };
}

/** An interval that every measurement with its own GEMM has. */
function told(measurement: Measurement, field: 'speedup' | 'ownGemmSpeedup'): Interval {
  const interval = measurement[field];
  if (!interval) throw new Error(`A measurement has no ${field}.`);
  return interval;
}

function lineOf(row: Row): string {
  if ('missing' in row) return `| ${row.backend} | | not here: ${row.missing} | | | | | |`;
  if ('failed' in row) return `| ${row.backend} | ${row.dtype} | ${row.failed} | | | | | |`;
  const cells = [
    row.backend,
    row.dtype,
    row.baseline,
    figure(row.baselineGflops),
    intervalOf(row.speedup),
    intervalOf(row.own),
    row.relativeError.toExponential(1),
    `${row.compileSeconds.toFixed(1)} s`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function intervalOf({ estimate, low, high }: Interval): string {
  return `${estimate.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)})`;
}
