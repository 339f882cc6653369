import type { Problem } from './problem.js';
import type { ResolvedProtocol } from './protocol.js';

/** The extra time that every answer gets on a busy device, seconds. */
const GRACE_SECONDS = 20;
/**
 * Bounds a run as a multiple of the baseline's time. Slower programs are not worth waiting for: the reward is already
 * at its floor from 4 on.
 */
const TIMES_BASELINE = 20;
/** The lowest rate assumed of a device before its baseline has been timed, operations a second. */
const SLOWEST_FLOPS = 5e8;

/** Says how long to wait for each answer of the child before it counts as hung, seconds. */
export interface Patience {
  /** For loading and allocating. */
  readonly start: number;
  /** For the baseline's first run. */
  readonly first: number;
  /** For filling, copying and comparing. */
  readonly aside: number;
  /** For `count` runs in a row, given the baseline's time. */
  runs(baselineSeconds: number, count: number): number;
}

/** Computes the patience for a problem. */
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

/** Counts the sides that are run: baseline, candidate, own GEMM. */
const SIDES = 3;
/** Bounds the runs of each side before the first round, and the answers that take `aside`. */
const RUNS_BEFORE = 8;
const ASIDES = 20;
/**
 * The time that the rounds may take, as a multiple of the budget. The last round may begin just before its end.
 */
const BUDGETS = 2;

/**
 * Computes the processor time after which a child ends itself. It is a safety net for children whose deadlines nobody
 * watches any more: more than the slowest assumed device takes for everything it may be asked.
 */
export function cpuSecondsFor(threads: number, protocol: ResolvedProtocol, patience: Patience): number {
  const { minRounds, minSampleSeconds, minWarmupSeconds, budgetSeconds } = protocol;
  const runs = SIDES * ((RUNS_BEFORE + minRounds) * (patience.first + minSampleSeconds) + minWarmupSeconds);
  return Math.ceil(threads * (runs + ASIDES * patience.aside + BUDGETS * budgetSeconds));
}
