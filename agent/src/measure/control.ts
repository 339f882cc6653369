import type { Blas, Interval } from '@alphatensor-edge/proto';
import { type Child, withHarness } from '../process/harness.js';
import { childOptions } from './child-options.js';
import { memoryNeed } from './memory.js';
import { patienceFor } from './patience.js';
import type { Problem } from './problem.js';
import { MIN_WARMUP_RUNS, resolveProtocol } from './protocol.js';
import { timeRounds } from './rounds.js';

const ROUNDS = 20;
/** Limits the processor time of each thread. Beyond it the child ends itself. */
const CPU_SECONDS = 600;

const controls = new Map<string, Promise<Interval>>();

/** Says what is timed against itself. */
interface ControlOptions {
  readonly harness: Child;
  readonly blas: Blas;
  /** Dimension of the square product. */
  readonly size: number;
  readonly signal: AbortSignal;
}

/**
 * Times the baseline against itself, which shows what the measurement makes of no difference at all. This is done once
 * in the life of the process for each library, number format and number of threads. The caller holds the host lock.
 */
export function timeControl(
  options: ControlOptions,
  { dtype, threads }: Pick<Problem, 'dtype' | 'threads'>,
): Promise<Interval> {
  const { blas, size } = options;
  const key = JSON.stringify([blas.library, dtype, threads]);
  let control = controls.get(key);
  if (control === undefined) {
    control = measure(options, { m: size, k: size, n: size, dtype, threads });
    controls.set(key, control);
    // A cancelled control says nothing, so the next call times again.
    control.catch(() => controls.delete(key));
  }
  return control;
}

function measure({ harness, blas, signal }: ControlOptions, problem: Problem): Promise<Interval> {
  const patience = patienceFor(problem);
  const need = memoryNeed(problem, []);
  const cpuSeconds = CPU_SECONDS * problem.threads;
  return withHarness(
    childOptions({ harness, blas, problem, need, patience, seed: 0, cpuSeconds, signal }),
    async (child) => {
      await child.introduction();
      const baselineSeconds = await child.run('B', patience.first);
      const protocol = { ...resolveProtocol(null, problem.dtype), minRounds: ROUNDS, maxRounds: ROUNDS };
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
    },
  );
}
