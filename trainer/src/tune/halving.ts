/** Describes one round of successive halving. */
export interface Rung {
  /** Number of candidates in this round. */
  readonly count: number;
  /** Longest time of timing for one candidate, seconds. */
  readonly seconds: number;
  /** The last round uses the full protocol and tries several plans. */
  readonly isLast: boolean;
}

/** One of this many candidates goes on to the next rung, and gets this many times the time. */
const RATE = 3;
/** Candidates in the last rung, beside the fallback. */
const FINALISTS = 2;
/** The agent's own limit for one measurement, and the shortest time that tells anything. */
const MOST_SECONDS = 30;
const LEAST_SECONDS = 0.5;
/** Share of the budget for timing. Compiling, checking, warming up and trying plans take the rest. */
const TIMING_SHARE = 1 / 2;

/**
 * Plans the rungs for `count` candidates of one problem (Jamieson & Talwalkar, "Non-stochastic best arm identification and
 * hyperparameter optimization", AISTATS 2016, with a third instead of a half). Each rung has a third of the candidates of the
 * one before and gives each three times the time, so that all rungs cost about the same.
 * @param budgetSeconds for all rungs together; undefined: the last rung gets the agent's own limit
 */
export function planRungs(count: number, budgetSeconds?: number): Rung[] {
  const counts = [count];
  while (counts[counts.length - 1] > FINALISTS) {
    counts.push(Math.max(FINALISTS, Math.ceil(counts[counts.length - 1] / RATE)));
  }
  // With few candidates the only rung is also the last: all are measured in full.
  const shares = counts.map((_, index) => RATE ** (index + 1 - counts.length));
  const cost = counts.reduce((sum, each, index) => sum + each * shares[index], 0);
  const full = budgetSeconds === undefined ? MOST_SECONDS : (budgetSeconds * TIMING_SHARE) / Math.max(1, cost);
  return counts.map((each, index) => ({
    count: each,
    seconds: Math.min(MOST_SECONDS, Math.max(LEAST_SECONDS, full * shares[index])),
    isLast: index === counts.length - 1,
  }));
}

/** Holds the result of one candidate in a rung. */
export interface Trial<T> {
  readonly candidate: T;
  /** The baseline's time over the candidate's; undefined: it was not measured and is out. */
  readonly speedup: number | undefined;
}

/** Picks the fastest `count` candidates of a rung, fastest first. */
export function survivors<T>(trials: readonly Trial<T>[], count: number): T[] {
  return trials
    .flatMap(({ candidate, speedup }) => (speedup === undefined ? [] : [{ candidate, speedup }]))
    .sort((a, b) => b.speedup - a.speedup)
    .slice(0, count)
    .map(({ candidate }) => candidate);
}
