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
export const FINALISTS = 2;
/** The agent's own limit for one measurement, and the shortest time that tells anything. */
const MOST_SECONDS = 30;
const LEAST_SECONDS = 0.5;

/**
 * Plans the rungs for `count` candidates of one problem (Jamieson & Talwalkar, "Non-stochastic best arm identification and
 * hyperparameter optimization", AISTATS 2016, with a third instead of a half). Each rung has a third of the candidates of the
 * one before and gives each three times the time, so that all rungs cost about the same.
 * @param timingSeconds of timing in all rungs together; undefined: the last rung gets the agent's own limit
 * @param finalists of the last rung
 */
export function planRungs(count: number, timingSeconds?: number, finalists = FINALISTS): Rung[] {
  const counts = [count];
  while (counts[counts.length - 1] > finalists) {
    counts.push(Math.max(finalists, Math.ceil(counts[counts.length - 1] / RATE)));
  }
  // With few candidates the only rung is also the last: all are measured in full.
  const shares = counts.map((_, index) => RATE ** (index + 1 - counts.length));
  const cost = counts.reduce((sum, each, index) => sum + each * shares[index], 0);
  const full = timingSeconds === undefined ? MOST_SECONDS : timingSeconds / Math.max(1, cost);
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
  /** Multiple of the error of a plain product; undefined: unknown. */
  readonly error?: number | undefined;
}

/** How much slower than the fastest the most accurate may seem to be to go on; timing a rung is off by about as much. */
const ABOUT_AS_FAST = 0.03;

/**
 * Picks the candidates of a rung that go on, fastest first: the fastest `count` that are accurate enough (all, if none is), and the most
 * accurate of those about as fast as the fastest.
 */
export function survivors<T>(
  trials: readonly Trial<T>[],
  count: number,
  isAccurate: (error: number | undefined) => boolean = () => true,
): T[] {
  const measured = trials
    .flatMap(({ candidate, speedup, error }) => (speedup === undefined ? [] : [{ candidate, speedup, error }]))
    .sort((a, b) => b.speedup - a.speedup);
  const accurate = measured.filter(({ error }) => isAccurate(error));
  const eligible = accurate.length > 0 ? accurate : measured;
  const least = (eligible[0]?.speedup ?? 0) * (1 - ABOUT_AS_FAST);
  const best = eligible
    .filter(({ speedup, error }) => error !== undefined && speedup >= least)
    .sort((a, b) => (a.error ?? 0) - (b.error ?? 0))[0];
  return eligible.filter((trial, index) => index < count || trial === best).map(({ candidate }) => candidate);
}
