// An agent over real gRPC whose children only sleep: what its fleet costs the trainer, without the cost of measuring.
//   node test/dist/support/sleeping-agent.js [--seconds 0.5] [--device NAME] [--cost 0.5,0.01]
// Agents of one --device are equal hardware. The latency that it tells is a known function: t / t_baseline = a + b * nonzeros of
// all levels, with --cost a,b. Its address comes as a line of JSON; it ends with its standard input.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import type { Job, JobHooks } from '@alphatensor-edge/agent/job/job.js';
import { startServer } from '@alphatensor-edge/agent/server/server.js';
import type { Identity } from '@alphatensor-edge/agent/server/service.js';
import type { Outcome } from '@alphatensor-edge/proto';
import { createLogger, MODES, type VerifiedFactorization } from '@alphatensor-edge/shared';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '0.5' },
    device: { type: 'string', default: 'sleeper' },
    cost: { type: 'string', default: '0.5,0.01' },
  },
});
const seconds = Number(values.seconds);
const [base, perNonzero] = values.cost.split(',').map(Number);

const blas = { name: 'none', version: '', library: 'none', configuration: '', thirdParty: true, environment: {} };
const identity: Identity = {
  agentVersion: 'sleeping',
  deviceId: values.device,
  device: {
    hostname: 'localhost',
    cpuModel: `sleeping device ${values.device}`,
    architecture: 'none',
    physicalCores: 1,
    logicalCores: 1,
    memoryBytes: 2 ** 32,
    vectorIsa: 'none',
    os: 'none',
    kernel: 'none',
    gpus: [],
  },
  backends: [
    {
      name: 'c-gcc',
      available: true,
      reason: '',
      compiler: 'none',
      variants: ['packed'],
      blas: [blas],
      transposedVariants: [],
      dataTypes: ['DATA_TYPE_F32'],
    },
  ],
  maxThreads: 1,
};

async function sleepInChild(job: Job, { signal, onProgress }: JobHooks): Promise<Outcome> {
  onProgress({ kind: 'measuring', rounds: 0 });
  const began = performance.now();
  const child = spawn('sleep', [String(seconds)], { stdio: 'ignore' });
  signal.addEventListener('abort', () => child.kill('SIGKILL'));
  await once(child, 'exit');
  return {
    kind: signal.aborted ? 'OUTCOME_KIND_CANCELLED' : 'OUTCOME_KIND_MEASURED',
    jobId: job.jobId,
    message: '',
    diagnostics: '',
    // How long the child really slept: what the trainer's share is told from.
    compileSeconds: (performance.now() - began) / 1000,
    compileCached: false,
    workspaceBytes: 0,
    overErrorBound: false,
    ...(signal.aborted ? {} : { measurement: synthetic(job) }),
  };
}

function synthetic({
  levels,
  protocol: { resolved: _, errorBoundOf: __, ...protocol },
}: Job): NonNullable<Outcome['measurement']> {
  const ratio = base + perNonzero * nonzeros(levels);
  const estimate = 1 / ratio;
  return {
    baselineSeconds: [1, 1, 1],
    candidateSeconds: [ratio, ratio, ratio],
    ownGemmSeconds: [],
    speedup: { estimate, low: estimate, high: estimate },
    relativeError: 0,
    baselineRelativeError: 0,
    stopReason: 'STOP_REASON_CONVERGED',
    protocol,
    baselineGflops: 1,
    peakGflops: 1,
    fasterThanBaseline: ratio < 1,
    notClaimedBecause: '',
    flags: ['a synthetic device: nothing was computed'],
    drift: 0,
    inputErrors: [],
  };
}

function nonzeros(levels: readonly VerifiedFactorization[]): number {
  return levels.reduce(
    (sum, level) => sum + MODES.reduce((all, mode) => all + level[mode].coefficients.filter((x) => x !== 0).length, 0),
    0,
  );
}

const server = await startServer({
  host: '127.0.0.1',
  port: 0,
  queueCapacity: 16,
  identity,
  runJob: sleepInChild,
  logger: createLogger('sleeping-agent', 'error', 'json'),
});
console.log(JSON.stringify({ address: server.address }));
process.stdin.resume();
await once(process.stdin, 'end');
await server.close();
process.exit();
