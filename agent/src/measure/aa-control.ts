import type { Interval } from '@alphatensor-edge/proto';
import type { Toolchain } from '../backends/backend.js';
import { pickCpus } from '../device/cpu.js';
import type { JobProblem } from '../job/job.js';
import type { NumberFormat } from '../plan/plan.js';
import { withHarness } from '../process/harness.js';
import { memoryLimit, memoryNeed } from './memory.js';
import { patienceFor } from './patience.js';
import { MIN_WARMUP_RUNS, resolveProtocol } from './protocol.js';
import { timeRounds } from './rounds.js';

const ROUNDS = 20;

const controls = new Map<string, Promise<Interval>>();

/**
 * The baseline timed against itself, once for each library, number format and count of threads in the life of this process:
 * what the measurement makes of no difference at all. The caller holds the host lock.
 */
export function aaControl(
  toolchain: Toolchain,
  { dtype, threads }: JobProblem,
  signal: AbortSignal,
): Promise<Interval> {
  const { library } = toolchain.blas[0];
  const key = JSON.stringify([library, dtype, threads]);
  let control = controls.get(key);
  if (control === undefined) {
    control = measure(toolchain, dtype, threads, signal);
    controls.set(key, control);
    // One that was cancelled says nothing.
    control.catch(() => controls.delete(key));
  }
  return control;
}

function measure(
  { harness, blas: [blas], controlSize }: Toolchain,
  dtype: NumberFormat,
  threads: number,
  signal: AbortSignal,
): Promise<Interval> {
  const problem = { m: controlSize, k: controlSize, n: controlSize, dtype, threads };
  const need = memoryNeed(problem, []);
  const patience = patienceFor(problem);
  const options = {
    harness,
    blas,
    dimensions: problem,
    dtype,
    seed: 0,
    memoryBytes: memoryLimit(need, threads),
    cpuSeconds: 600 * threads,
    cpus: pickCpus(threads),
    programs: {},
    startSeconds: patience.start,
    signal,
  };
  return withHarness(options, async (child) => {
    await child.introduction();
    const baselineSeconds = await child.run('B', patience.first);
    const protocol = { ...resolveProtocol(null, dtype), minRounds: ROUNDS, maxRounds: ROUNDS };
    const { speedup } = await timeRounds(child, {
      sides: { baseline: 'B', candidate: 'B' },
      judged: ['baseline', 'candidate'],
      protocol,
      patience,
      baselineSeconds,
      warmupRuns: MIN_WARMUP_RUNS,
      onProgress: () => undefined,
    });
    return speedup;
  });
}
