import type { Blas, Interval } from '@alphatensor-edge/proto';
import { laidOut } from '@alphatensor-edge/shared';
import { type Child, withHarness } from '../process/harness.js';
import { childOptions } from './child-options.js';
import { ControlCache } from './control-cache.js';
import { memoryNeed } from './memory.js';
import { patienceFor } from './patience.js';
import type { Problem } from './problem.js';
import { MIN_WARMUP_RUNS, resolveProtocol } from './protocol.js';
import { timeRounds } from './rounds.js';

const ROUNDS = 20;
/** Limits the processor time of each thread. Beyond it the child ends itself. */
const CPU_SECONDS = 600;

const controls = new ControlCache();

/** Says what is timed against itself. */
interface ControlOptions {
  readonly harness: Child;
  readonly blas: Blas;
  /** The largest dimension of its product, so that a control takes about a second. */
  readonly size: number;
  readonly signal: AbortSignal;
}

/**
 * Times the baseline against itself, which shows what the measurement makes of no difference at all. It is done on the shape of
 * the problem, with no dimension above `size`, and again when the last one is old or was disturbed. The caller holds the host lock.
 */
export function timeControl(options: ControlOptions, problem: Problem): Promise<Interval> {
  const { blas, size } = options;
  const [m, k, n] = [problem.m, problem.k, problem.n].map((dimension) => Math.min(dimension, size));
  const timed = { m, k, n, dtype: problem.dtype, threads: problem.threads, ...laidOut(problem) };
  return controls.get(JSON.stringify([blas.library, timed]), () => measure(options, timed));
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
