import type { Blas, Interval } from '@alphatensor-edge/proto';
import type { DType } from '../plan/plan.js';
import { pickCpus } from '../toolchain/cpu.js';
import { withHarness } from '../toolchain/harness.js';
import { memoryLimit, memoryNeed } from './memory.js';
import { patienceFor } from './patience.js';
import { MIN_WARMUP_RUNS, resolveProtocol } from './protocol.js';
import { timeRounds } from './rounds.js';

/** The control's product: about 30 ms on one thread, so that the control takes about a second. */
const SIZE = 1024;
const ROUNDS = 20;

const controls = new Map<string, Promise<Interval>>();

/**
 * The vendor timed against itself, once for each library, number format and count of threads in the life of this process:
 * what the measurement makes of no difference at all. The caller holds the host lock.
 */
export function aaControl(
  harness: string,
  blas: Blas,
  dtype: DType,
  threads: number,
  signal: AbortSignal,
): Promise<Interval> {
  const key = JSON.stringify([blas.library, dtype, threads]);
  let control = controls.get(key);
  if (control === undefined) {
    control = measure(harness, blas, dtype, threads, signal);
    controls.set(key, control);
    // One that was cancelled says nothing.
    control.catch(() => controls.delete(key));
  }
  return control;
}

function measure(harness: string, blas: Blas, dtype: DType, threads: number, signal: AbortSignal): Promise<Interval> {
  const problem = { m: SIZE, k: SIZE, n: SIZE, dtype, threads };
  const need = memoryNeed(problem, []);
  const patience = patienceFor(problem);
  const options = {
    harness,
    blas: blas.library,
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
    const vendorSeconds = await child.run('V', patience.first);
    const protocol = { ...resolveProtocol(null, dtype), minRounds: ROUNDS, maxRounds: ROUNDS };
    const { speedup } = await timeRounds(child, {
      sides: { vendor: 'V', candidate: 'V' },
      judged: ['vendor', 'candidate'],
      protocol,
      patience,
      vendorSeconds,
      warmupRuns: MIN_WARMUP_RUNS,
      onProgress: () => undefined,
    });
    return speedup;
  });
}
