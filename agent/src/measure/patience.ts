import type { Problem } from './problem.js';
import type { ResolvedProtocol } from './protocol.js';

/** Seconds of grace for anything, on a busy device. */
const GRACE_SECONDS = 20;
/** A run that takes so many times the baseline's is not worth waiting for: the reward is at its floor from 4 on. */
const TIMES_BASELINE = 20;
/** Operations a second that the slowest device is trusted with, before the baseline has been timed. */
const SLOWEST_FLOPS = 5e8;

/** How long to wait for each answer of the child before it is taken for hung, seconds. */
export interface Patience {
  /** Loading and allocating. */
  readonly start: number;
  /** The baseline's first run. */
  readonly first: number;
  /** Filling, copying, comparing. */
  readonly aside: number;
  /** So many runs in a row, given the baseline's time. */
  runs(baselineSeconds: number, count: number): number;
}

export function patienceFor({ m, k, n }: Problem, graceSeconds = GRACE_SECONDS): Patience {
  const elements = m * k + k * n + m * n;
  const aside = graceSeconds + elements / 1e6;
  return {
    start: aside,
    first: graceSeconds + (2 * m * k * n) / SLOWEST_FLOPS,
    aside,
    runs: (baselineSeconds, count) => graceSeconds + TIMES_BASELINE * baselineSeconds * count,
  };
}

/** Sides that are run: baseline, candidate, own GEMM. */
const SIDES = 3;
/** Runs of each side before the first round, and answers that take `aside`, at most. */
const RUNS_BEFORE = 6;
const ASIDES = 12;
/** Time that the rounds may take, as a multiple of the budget: the last one may begin just before its end. */
const BUDGETS = 2;

/**
 * Processor time after which a child ends itself. A net below the deadlines, for where nobody is left to watch them: more
 * than the slowest trusted device takes for all it may be asked.
 */
export function cpuSecondsFor(threads: number, protocol: ResolvedProtocol, patience: Patience): number {
  const { minRounds, minSampleSeconds, minWarmupSeconds, budgetSeconds } = protocol;
  const runs = SIDES * ((RUNS_BEFORE + minRounds) * (patience.first + minSampleSeconds) + minWarmupSeconds);
  return Math.ceil(threads * (runs + ASIDES * patience.aside + BUDGETS * budgetSeconds));
}
