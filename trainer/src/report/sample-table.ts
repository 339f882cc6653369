import type { Environment } from '@alphatensor-edge/proto';
import { environmentText } from '@alphatensor-edge/proto';
import type { BasicType } from 'hyparquet-writer';
import type { MeasurementRow } from '../fleet/measurement.js';
import { asCsv, type Cell } from './csv.js';
import type { Sourced } from './sourced.js';

type Side = 'baseline' | 'candidate' | 'own_gemm';

/** Holds one timed sample, or a job without samples; then side, round and seconds are null. */
interface Sample extends Sourced {
  readonly side: Side | null;
  /** From 0. The samples of one job and round were taken together, in random order. */
  readonly round: number | null;
  readonly seconds: number | null;
}

interface SampleColumn {
  readonly name: string;
  readonly type: Extract<BasicType, 'STRING' | 'INT32' | 'INT64' | 'DOUBLE' | 'BOOLEAN'>;
  /** Description for `export-measurements --columns`. */
  readonly meaning: string;
  readonly cell: (sample: Sample) => Cell;
}

type Type = SampleColumn['type'];
const column = (name: string, type: Type, meaning: string, cell: SampleColumn['cell']): SampleColumn => ({
  name,
  type,
  meaning,
  cell,
});
const ofEnvironment = (
  name: string,
  type: Type,
  meaning: string,
  of: (environment: Environment) => Cell,
): SampleColumn =>
  column(name, type, meaning, ({ row }) => (row.outcome.environment ? of(row.outcome.environment) : null));

/** Lists the columns of an export, in order. An empty cell (CSV) or null (Parquet) is unknown or was not measured. */
export const SAMPLE_COLUMNS: readonly SampleColumn[] = [
  column('runs', 'STRING', 'names of the run folders that hold the job, separated by "; "', ({ runs }) =>
    runs.join('; '),
  ),
  column('job_id', 'STRING', 'one measuring job on one device', ({ row }) => row.jobId),
  column('created_at', 'STRING', 'when the outcome was stored, ISO 8601, UTC', ({ row }) => row.createdAt),
  column('agent', 'STRING', 'name or HOST:PORT of the agent, as the user gave it', ({ row }) => row.agent),
  column('device_id', 'STRING', 'random id of the agent’s installation', ({ row }) => row.deviceId),
  column('hostname', 'STRING', 'the device’s own name', ({ row }) => row.device.hostname),
  column('cpu_model', 'STRING', 'processor', ({ row }) => row.device.cpuModel),
  column('vector_isa', 'STRING', 'avx512, avx2, neon or generic', ({ row }) => row.device.vectorIsa),
  column('m', 'INT32', 'rows of A and C', ({ row }) => row.problem.m),
  column('k', 'INT32', 'columns of A, rows of B', ({ row }) => row.problem.k),
  column('n', 'INT32', 'columns of B and C', ({ row }) => row.problem.n),
  column('dtype', 'STRING', 'f32 or f64', ({ row }) => row.problem.dtype),
  column('threads', 'INT32', 'threads of every side', ({ row }) => row.problem.threads),
  column(
    'transposed',
    'STRING',
    'which operands lie transposed: nt (B), tn (A), tt (both); empty: neither',
    ({ row }) => row.problem.transposed,
  ),
  column('backend', 'STRING', 'the agent’s compiler', ({ row }) => row.backend),
  column('variant', 'STRING', 'the way of building a program', ({ row }) => row.variant),
  column('algorithm', 'STRING', 'label', ({ row }) => row.algorithm.label),
  column('role', 'STRING', 'reference, found or imported', ({ row }) => row.algorithm.role),
  column('origin', 'STRING', 'where the algorithm comes from', ({ row }) => row.algorithm.origin),
  column('levels', 'STRING', 'content hash of each recursion level, outermost first, separated by spaces', ({ row }) =>
    row.algorithm.levels.join(' '),
  ),
  column('size', 'STRING', 'blocks of A (n x m) and B (m x p), all levels together', ({ row }) => sizeOf(row)),
  column('rank', 'INT32', 'multiplications of blocks, all levels together', ({ row }) => row.algorithm.rank),
  column('nonzeros', 'INT32', 'nonzero coefficients, all levels together', ({ row }) => row.algorithm.nonzeros),
  column('outcome', 'STRING', 'MEASURED, COMPILE_FAILED, …', ({ row }) =>
    row.outcome.kind.replace('OUTCOME_KIND_', ''),
  ),
  column('message', 'STRING', 'why, where it is not MEASURED', ({ row }) => row.outcome.message),
  column('side', 'STRING', 'what was timed: baseline, candidate or own_gemm', ({ side }) => side),
  column('round', 'INT32', 'from 0; the sides of one round were timed together, in random order', ({ round }) => round),
  column('seconds', 'DOUBLE', 'time of one product', ({ seconds }) => seconds),
  column('bootstrap_seed', 'INT64', 'seed of the interval', ({ row }) => row.outcome.measurement?.protocol?.seed),
  column('relative_error', 'DOUBLE', 'Frobenius, against float64', ({ row }) => row.outcome.measurement?.relativeError),
  column(
    'baseline_relative_error',
    'DOUBLE',
    'the baseline’s, same inputs',
    ({ row }) => row.outcome.measurement?.baselineRelativeError,
  ),
  column(
    'own_gemm_relative_error',
    'DOUBLE',
    'own <1,1,1>’s, inputs of the same kind',
    ({ row }) => row.outcome.measurement?.ownGemmRelativeError,
  ),
  column(
    'predicted_relative_error',
    'DOUBLE',
    'what the growth predicts',
    ({ row }) => row.outcome.measurement?.predictedRelativeError,
  ),
  column('growth', 'DOUBLE', 'error growth, all levels together', ({ row }) => row.outcome.measurement?.growth),
  column('peak_gflops', 'DOUBLE', 'measured multiply-add peak, 1e9 a second', ({ row }) => peakOf(row)),
  column(
    'aa_control_ratio',
    'DOUBLE',
    'the baseline over itself; 1 is no noise',
    ({ row }) => row.outcome.measurement?.aaControl?.estimate,
  ),
  column(
    'drift_ln_ratio',
    'DOUBLE',
    'ln(last third / first third) of the baseline’s samples',
    ({ row }) => row.outcome.measurement?.drift,
  ),
  column('flags', 'STRING', 'what the agent says to mind, separated by "; "', ({ row }) =>
    row.outcome.measurement?.flags.join('; '),
  ),
  column('compile_seconds', 'DOUBLE', 'of the compiler', ({ row }) => row.outcome.compileSeconds),
  column('workspace_bytes', 'INT64', 'beside the matrices', ({ row }) => row.outcome.workspaceBytes),
  ofEnvironment('agent_version', 'STRING', 'of at-agent', ({ agentVersion }) => agentVersion),
  ofEnvironment('compiler', 'STRING', 'with version', ({ compiler }) => compiler),
  ofEnvironment('compiler_flags', 'STRING', 'as given', ({ compilerFlags }) => compilerFlags),
  ofEnvironment('blas', 'STRING', 'baseline', ({ blas }) => blas?.name),
  ofEnvironment('blas_version', 'STRING', 'of the baseline', ({ blas }) => blas?.version),
  ofEnvironment(
    'blas_environment',
    'STRING',
    'variables it was run with',
    ({ blas }) => blas && environmentText(blas.environment),
  ),
  ofEnvironment(
    'blas_is_third_party',
    'BOOLEAN',
    'false: the project’s portable GEMM stood in',
    ({ blas }) => blas?.thirdParty,
  ),
  ofEnvironment('baseline_threads', 'INT32', 'threads the baseline really used', (one) => one.baselineThreads),
  ofEnvironment('os', 'STRING', 'operating system', ({ os }) => os),
  ofEnvironment('kernel', 'STRING', 'its version', ({ kernel }) => kernel),
  ofEnvironment('pinned_cpus', 'STRING', 'separated by spaces', ({ pinnedCpus }) => pinnedCpus.join(' ')),
  ofEnvironment('governor', 'STRING', 'of the processor’s clock', ({ governor }) => governor),
  ofEnvironment('frequency_mhz', 'DOUBLE', 'clock after measuring', ({ frequencyMhz }) => frequencyMhz),
  ofEnvironment('temperature_celsius', 'DOUBLE', 'after measuring', (one) => one.temperatureCelsius),
  ofEnvironment('load_average', 'DOUBLE', 'processes, over one minute', ({ loadAverage }) => loadAverage),
  ofEnvironment('throttled', 'BOOLEAN', 'whether the processor did', ({ throttled }) => throttled),
  ofEnvironment('page_policy', 'STRING', 'of the matrices’ memory', ({ pagePolicy }) => pagePolicy),
  ofEnvironment('started_at', 'STRING', 'when measuring began, ISO 8601, UTC', ({ startedAt }) => startedAt),
];

/** Lists the samples of the jobs, in the order given. A job without samples has one entry, so that no outcome is lost. */
export function samplesOfJobs(jobs: readonly Sourced[]): Sample[] {
  return jobs.flatMap((job): Sample[] => {
    const measurement = job.row.outcome.measurement;
    const sides: readonly (readonly [Side, readonly number[]])[] = [
      ['baseline', measurement?.baselineSeconds ?? []],
      ['candidate', measurement?.candidateSeconds ?? []],
      ['own_gemm', measurement?.ownGemmSeconds ?? []],
    ];
    const samples = sides.flatMap(([side, all]) => all.map((seconds, round) => ({ ...job, side, round, seconds })));
    return samples.length > 0 ? samples : [{ ...job, side: null, round: null, seconds: null }];
  });
}

/** Writes the samples as CSV with a header. */
export function samplesAsCsv(samples: readonly Sample[]): string {
  return asCsv(
    SAMPLE_COLUMNS.map(({ name }) => name),
    samples.map((sample) => SAMPLE_COLUMNS.map(({ cell }) => cell(sample))),
  );
}

/** Writes the samples as Apache Parquet with Snappy compression. Loads the library only when called. */
export async function samplesAsParquet(samples: readonly Sample[]): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const columnData = SAMPLE_COLUMNS.map(({ name, type, cell }) => ({
    name,
    type,
    nullable: true,
    data: samples.map((sample) => typed(cell(sample), type)),
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

/** Converts a cell for Parquet, whose 64-bit integers are bigint in JavaScript. */
function typed(cell: Cell, type: Type): Exclude<Cell, undefined> | bigint {
  if (cell === undefined || cell === null) return null;
  return type === 'INT64' ? BigInt(Number(cell)) : cell;
}

function sizeOf({ algorithm: { size } }: MeasurementRow): string {
  return `${size.n}x${size.m}x${size.p}`;
}

/** Reads the device's peak, GFLOP/s; null: unknown, which is 0 on the wire. */
function peakOf({ outcome }: MeasurementRow): number | null {
  return outcome.measurement?.peakGflops || null;
}
