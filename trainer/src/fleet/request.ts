import {
  type BenchmarkRequest,
  type Factorization,
  type MeasuringProtocol,
  type PlanRequest,
  PROTOCOL_VERSION,
  type Problem,
} from '@alphatensor-edge/proto';
import {
  AlphaTensorError,
  canonical,
  moduloWords,
  transposeFlags,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';
import type { ProblemSpec } from './measurement.js';

/** Describes a measurement, before an agent is chosen for it. */
export interface BenchmarkTask {
  /** Recursion levels, outermost first; none is the baseline itself (the control). */
  readonly levels: readonly VerifiedFactorization[];
  readonly problem: ProblemSpec;
  /** For example `c-gcc`. */
  readonly backend: string;
  /** Default: the backend's own. */
  readonly variant?: string | undefined;
  /** The settings that differ from the agent's default protocol. */
  readonly protocol?: Partial<MeasuringProtocol> | undefined;
  /** Default: the agent's. */
  readonly compileTimeoutSeconds?: number | undefined;
  /** How many plans of the variant `packed` the agent tries first to find the fastest; default 0: only the one that suits its caches. */
  readonly tunePlans?: number | undefined;
  /** The most workspace that a program may take, bytes. Default: any. */
  readonly maxWorkspaceBytes?: number | undefined;
}

const DATA_TYPES = {
  f32: 'DATA_TYPE_F32',
  f64: 'DATA_TYPE_F64',
  f16: 'DATA_TYPE_F16',
  bf16: 'DATA_TYPE_BF16',
} as const;

/** Leaves every setting to the agent: zero stands for its default. */
const AGENT_DEFAULTS: MeasuringProtocol = {
  minRounds: 0,
  maxRounds: 0,
  minSampleSeconds: 0,
  minWarmupSeconds: 0,
  targetRelativeHalfWidth: 0,
  budgetSeconds: 0,
  maxRelativeError: 0,
  seed: 0,
  includeOwnGemm: false,
  includeFurtherInputs: false,
  minMeasuringSeconds: 0,
};

/**
 * Makes the message for one agent. Factorizations are sent in canonical form, so that equal algorithms are one program.
 * @throws AlphaTensorError INVALID_ARGUMENT for a factorization modulo 2, which does not multiply real matrices
 */
export function benchmarkRequest(task: BenchmarkTask, jobId: string): BenchmarkRequest {
  const { problem } = task;
  return {
    protocolVersion: PROTOCOL_VERSION,
    jobId,
    backend: task.backend,
    variant: task.variant ?? '',
    levels: task.levels.map(toMessage),
    problem: problemMessage(problem),
    protocol: { ...AGENT_DEFAULTS, ...task.protocol },
    compileTimeoutSeconds: task.compileTimeoutSeconds ?? 0,
    tunePlans: task.tunePlans ?? 0,
    maxWorkspaceBytes: task.maxWorkspaceBytes ?? 0,
  };
}

/** Asks for the programs of factorizations, each applied at `depth` levels. */
export interface PlanTask extends Pick<BenchmarkTask, 'problem' | 'backend' | 'variant' | 'maxWorkspaceBytes'> {
  readonly factorizations: readonly VerifiedFactorization[];
  readonly depth: number;
}

/** Makes the message for one agent. @throws AlphaTensorError INVALID_ARGUMENT as benchmarkRequest */
export function planRequest(task: PlanTask): PlanRequest {
  return {
    protocolVersion: PROTOCOL_VERSION,
    backend: task.backend,
    variant: task.variant ?? '',
    problem: problemMessage(task.problem),
    maxWorkspaceBytes: task.maxWorkspaceBytes ?? 0,
    levels: task.depth,
    factorizations: task.factorizations.map(toMessage),
  };
}

function problemMessage(problem: ProblemSpec): Problem {
  const { m, k, n, dtype, threads } = problem;
  return { m, k, n, dataType: DATA_TYPES[dtype], threads, ...transposeFlags(problem) };
}

function toMessage(level: VerifiedFactorization, index: number): Factorization {
  if (level.arithmetic !== 'standard') {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `A factorization ${moduloWords(level.arithmetic)} cannot be measured, because it does not multiply real matrices; give one in standard arithmetic.`,
      { field: `levels[${index}]` },
    );
  }
  const { size, rank, u, v, w } = canonical(level);
  const matrix = ({ coefficients, denominator }: typeof u) => ({ coefficients: Array.from(coefficients), denominator });
  return { ...size, rank, u: matrix(u), v: matrix(v), w: matrix(w) };
}
