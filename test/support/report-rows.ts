import type { Device, Environment, Measurement, Outcome, OutcomeKind } from '../../proto/src/index.js';
import {
  claim,
  type DispatchProblem,
  median,
  pairedRatio,
  Random,
  type RatioEstimate,
} from '../../shared/src/index.js';
import type { AlgorithmRef, MeasurementRow, ProblemSpec } from '../../trainer/src/fleet/measurement.js';

/** What a made-up row is to look like; all figures are drawn from `seed`. */
export interface RowOptions {
  readonly algorithm: AlgorithmRef;
  readonly problem: ProblemSpec;
  readonly seed: number;
  /** Baseline over candidate, before noise. */
  readonly speedup?: number;
  /** Standard deviation of ln time. */
  readonly noise?: number;
  readonly rounds?: number;
  readonly ownGemm?: boolean;
  readonly device?: Device;
  readonly deviceId?: string;
  readonly agent?: string;
  readonly backend?: string;
  readonly variant?: string;
  readonly environment?: Partial<Environment>;
  readonly measurement?: Partial<Measurement>;
  readonly kind?: OutcomeKind;
  readonly message?: string;
  readonly diagnostics?: string;
  readonly createdAt?: string;
  readonly peakGflops?: number;
  readonly workspaceBytes?: number;
}

export const SERVER: Device = {
  hostname: 'build-01',
  cpuModel: 'Example Xeon 8375C @ 2.90GHz',
  architecture: 'x64',
  physicalCores: 16,
  logicalCores: 32,
  memoryBytes: 128 * 2 ** 30,
  l1dCacheBytes: 48 * 1024,
  l2CacheBytes: 1280 * 1024,
  l3CacheBytes: 54 * 2 ** 20,
  vectorIsa: 'avx512',
  os: 'Debian GNU/Linux 12',
  kernel: '6.1.0',
  gpus: [],
};

export const LAPTOP: Device = {
  ...SERVER,
  hostname: 'edge-arm',
  cpuModel: 'Example Cortex-A76',
  architecture: 'arm64',
  physicalCores: 4,
  logicalCores: 4,
  memoryBytes: 8 * 2 ** 30,
  l1dCacheBytes: 64 * 1024,
  l2CacheBytes: 512 * 1024,
  l3CacheBytes: 2 * 2 ** 20,
  vectorIsa: 'neon',
};

export function cube(n: number): DispatchProblem {
  return { m: n, k: n, n, dtype: 'f32', threads: 1 };
}

/** Usual peak of the made-up devices, GFLOP/s. */
const PEAK_GFLOPS = 120;

/** A finished job with seeded samples; the agent's figures are computed from them as the agent does. */
export function measurementRow(options: RowOptions): MeasurementRow {
  const { algorithm, problem, seed, device = SERVER, backend = 'c-gcc', variant = 'temporaries' } = options;
  const kind = options.kind ?? 'OUTCOME_KIND_MEASURED';
  const environment = environmentOf(options, device, backend, variant);
  const outcome: Outcome = {
    kind,
    jobId: `job-${seed}`,
    message: options.message ?? '',
    diagnostics: options.diagnostics ?? '',
    ...(kind === 'OUTCOME_KIND_MEASURED' ? { measurement: measurementOf(options) } : {}),
    environment,
    compileSeconds: 1.2,
    compileCached: false,
    workspaceBytes: options.workspaceBytes ?? (algorithm.levels.length === 0 ? 0 : problem.m * problem.n * 4),
    overErrorBound: false,
  };
  return {
    jobId: outcome.jobId,
    agent: options.agent ?? '127.0.0.1:50061',
    deviceId: options.deviceId ?? `id-${device.hostname}`,
    device,
    backend,
    variant,
    algorithm,
    problem,
    outcome,
    createdAt: options.createdAt ?? new Date(Date.UTC(2026, 0, 2, 3, 0, seed)).toISOString(),
  };
}

function environmentOf(options: RowOptions, device: Device, backend: string, variant: string): Environment {
  return {
    agentVersion: '0.1.0',
    backend,
    accelerator: '',
    variant,
    compiler: 'gcc 12.2.0',
    compilerFlags: '-O3 -march=native -ffp-contract=fast',
    blas: {
      name: 'OpenBLAS',
      version: '0.3.21',
      library: 'libopenblas.so.0',
      configuration: '',
      thirdParty: true,
      environment: {},
    },
    baselineThreads: options.problem.threads,
    cpuModel: device.cpuModel,
    vectorIsa: device.vectorIsa,
    os: device.os,
    kernel: device.kernel,
    pinnedCpus: [2],
    pagePolicy: 'transparent huge pages',
    startedAt: '2026-01-02T03:00:00.000Z',
    loadAverage: 0.4,
    ...options.environment,
  };
}

function measurementOf(options: RowOptions): Measurement {
  const {
    algorithm,
    problem,
    seed,
    speedup = 1,
    noise = 0.01,
    rounds = 24,
    ownGemm = true,
    peakGflops = PEAK_GFLOPS,
  } = options;
  const random = new Random(`samples ${seed}`);
  const seconds = (2 * problem.m * problem.k * problem.n) / (0.9 * peakGflops * 1e9);
  const draw = (typical: number): number[] =>
    Array.from(
      { length: rounds },
      () => typical * Math.exp(noise * random.normal() + (random.bernoulli(0.03) ? 0.2 : 0)),
    );
  const baselineSeconds = draw(seconds);
  const candidateSeconds = draw(seconds / speedup);
  const ownGemmSeconds = ownGemm ? draw(seconds * 1.02) : [];
  const interval = (over: number[], under: number[]): RatioEstimate => pairedRatio(over, under, { seed });
  const estimate = interval(baselineSeconds, candidateSeconds);
  const aaControl = interval(draw(seconds), draw(seconds));
  const baselineGflops = (2 * problem.m * problem.k * problem.n) / 1e9 / median(baselineSeconds);
  return {
    baselineSeconds,
    candidateSeconds,
    ownGemmSeconds,
    speedup: estimate,
    ...(ownGemm ? { ownGemmSpeedup: interval(baselineSeconds, ownGemmSeconds) } : {}),
    aaControl,
    relativeError: 3.1e-7 * (1 + random.float()),
    baselineRelativeError: 1.9e-7,
    stopReason: 'STOP_REASON_CONVERGED',
    protocol: {
      minRounds: 10,
      maxRounds: 200,
      minSampleSeconds: 0.01,
      minWarmupSeconds: 0.2,
      targetRelativeHalfWidth: 0.01,
      budgetSeconds: 30,
      maxRelativeError: 1e-4,
      seed,
      includeOwnGemm: ownGemm,
      includeFurtherInputs: false,
      minMeasuringSeconds: 0,
    },
    baselineGflops,
    peakGflops,
    ...claim(algorithm.levels.length === 0 ? undefined : estimate, undefined, aaControl),
    flags: [],
    drift: 0.002,
    inputErrors: [],
    ...options.measurement,
  };
}
