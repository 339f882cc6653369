import type {
  Backend,
  BenchmarkRequest,
  DescribeResponse,
  Device,
  Environment,
  Outcome,
} from '@alphatensor-edge/proto';
import { strassen } from '@alphatensor-edge/shared';
import type { Job, RunJob } from '../../agent/src/job/job.js';
import { resolveProtocol } from '../../agent/src/measure/protocol.js';
import { checkedOutcome } from '../../trainer/src/fleet/outcome-check.js';
import { type BenchmarkTask, benchmarkRequest } from '../../trainer/src/fleet/request.js';

export const BACKENDS: Backend[] = [
  backend('c-gcc', true),
  { ...backend('c-clang', false), reason: 'clang was not found; install clang' },
];

export const DEVICE: Device = {
  hostname: 'test',
  cpuModel: 'Test CPU',
  architecture: 'x64',
  physicalCores: 2,
  logicalCores: 2,
  memoryBytes: 2 ** 32,
  vectorIsa: 'avx2',
  os: 'linux',
  kernel: '6',
  gpus: [],
};

function backend(name: string, available: boolean): Backend {
  const blas = {
    name: 'OpenBLAS',
    version: '0.3',
    library: 'libopenblas.so',
    configuration: '',
    thirdParty: true,
    environment: {},
  };
  return {
    name,
    available,
    reason: '',
    compiler: `${name} 12`,
    variants: ['temporaries'],
    blas: [blas],
    dataTypes: ['DATA_TYPE_F32', 'DATA_TYPE_F64'],
    transposedVariants: [],
  };
}

export const DESCRIPTION: DescribeResponse = {
  minProtocolVersion: 1,
  maxProtocolVersion: 1,
  agentVersion: '0.1.0',
  deviceId: '00000000-0000-4000-8000-000000000000',
  device: DEVICE,
  backends: BACKENDS,
  queue: { runningJobs: 0, waitingJobs: 0, capacityJobs: 16 },
  jobs: [],
};

export const TASK: BenchmarkTask = {
  levels: [strassen()],
  problem: { m: 256, k: 256, n: 256, dtype: 'f32', threads: 1 },
  backend: 'c-gcc',
};

/** A valid request, with what a test wants to differ. */
export function request(changes: Partial<BenchmarkRequest> = {}): BenchmarkRequest {
  return { ...benchmarkRequest(TASK, 'job-1'), ...changes };
}

export function job(jobId: string): Job {
  return {
    jobId,
    levels: TASK.levels,
    problem: TASK.problem,
    backend: TASK.backend,
    variant: '',
    protocol: resolveProtocol(null, 'f32'),
    tunePlans: 0,
    compileTimeoutSeconds: 60,
  };
}

export function outcome(kind: Outcome['kind'], changes: Partial<Outcome> = {}): Outcome {
  return {
    kind,
    jobId: 'job-1',
    message: kind === 'OUTCOME_KIND_MEASURED' ? '' : 'What happened.',
    diagnostics: '',
    compileSeconds: 0.5,
    compileCached: false,
    workspaceBytes: 1024,
    overErrorBound: false,
    ...changes,
  };
}

/** What an agent answers that measured this speed-up of TASK, with every figure as the trainer computes it from the samples. */
export function measured(speedup: number, jobId = 'job-1'): Outcome {
  return checkedOutcome(measuredRaw(speedup, jobId), TASK, jobId);
}

const ROUNDS = 12;

function measuredRaw(speedup: number, jobId: string): Outcome {
  const { resolved: _, errorBoundOf: __, ...protocol } = resolveProtocol(null, 'f32');
  const baselineSeconds = Array.from({ length: ROUNDS }, (_, round) => 0.1 + 0.001 * (round % 2));
  return outcome('OUTCOME_KIND_MEASURED', {
    jobId,
    measurement: {
      baselineSeconds,
      candidateSeconds: baselineSeconds.map((seconds) => seconds / speedup),
      ownGemmSeconds: [],
      speedup: null,
      aaControl: { estimate: 1, low: 0.997, high: 1.003 },
      relativeError: 1e-6,
      baselineRelativeError: 1e-7,
      stopReason: 'STOP_REASON_CONVERGED',
      protocol,
      baselineGflops: 50,
      peakGflops: 60,
      fasterThanBaseline: speedup > 1,
      notClaimedBecause: '',
      flags: [],
      drift: 0,
      inputErrors: [],
    },
    environment: ENVIRONMENT,
  });
}

const ENVIRONMENT: Environment = {
  ...{ agentVersion: '0.1.0', backend: 'c-gcc', accelerator: '', variant: 'temporaries', compiler: 'gcc' },
  ...{ compilerFlags: '', baselineThreads: 1, cpuModel: '', vectorIsa: 'avx2', os: '', kernel: '' },
  ...{ pinnedCpus: [], pagePolicy: '', startedAt: '' },
  blas: BACKENDS[0].blas[0],
};

/** What runs jobs that end when the test says so, or when they are stopped. */
export function controlledJobs(): {
  runJob: RunJob;
  started: string[];
  finish(jobId: string): void;
  signalOf(jobId: string): AbortSignal;
  progress(jobId: string, rounds: number): void;
} {
  const started: string[] = [];
  const running = new Map<string, { finish: () => void; signal: AbortSignal; progress: (rounds: number) => void }>();
  const find = (jobId: string) => {
    const entry = running.get(jobId);
    if (entry === undefined) throw new Error(`job ${jobId} has not started`);
    return entry;
  };
  return {
    started,
    finish: (jobId) => find(jobId).finish(),
    signalOf: (jobId) => find(jobId).signal,
    progress: (jobId, rounds) => find(jobId).progress(rounds),
    runJob: ({ jobId }, { signal, onProgress }) =>
      new Promise((resolve) => {
        started.push(jobId);
        running.set(jobId, {
          signal,
          finish: () => resolve(measured(1.1, jobId)),
          progress: (rounds) => onProgress({ kind: 'measuring', rounds }),
        });
        signal.addEventListener('abort', () => resolve(outcome('OUTCOME_KIND_CANCELLED', { jobId })));
        onProgress({ kind: 'compiling', compiler: 'test' });
      }),
  };
}
