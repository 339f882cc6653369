/** One round of successive halving. */
export interface Rung {
  /** Candidates that are measured in it. */
  readonly count: number;
  /** Bound on the timing of one candidate, seconds. */
  readonly seconds: number;
  /** The last one: the full protocol, and several plans tried. */
  readonly isLast: boolean;
}

/** Of a rung's candidates one in so many goes on, with so many times the time. */
const RATE = 3;
/** So many come to the last rung, beside the fallback. */
const FINALISTS = 2;
/** The agent's own bound on one measurement, and below which nothing can be told. */
const MOST_SECONDS = 30;
const LEAST_SECONDS = 0.5;
/** Of a budget this share is for timing; compiling, checking, warming up and trying plans take the rest. */
const TIMING_SHARE = 1 / 2;

/**
 * The rungs for `count` candidates of one problem (Jamieson & Talwalkar, "Non-stochastic best arm identification and
 * hyperparameter optimization", AISTATS 2016, with a third instead of a half): each has a third of the candidates of
 * the one before and three times its time for each, so that all rungs cost about the same.
 * @param budgetSeconds for all rungs together; undefined: the last one gets the agent's own bound
 */
export function planRungs(count: number, budgetSeconds?: number): Rung[] {
  const counts = [count];
  while (counts[counts.length - 1] > FINALISTS) {
    counts.push(Math.max(FINALISTS, Math.ceil(counts[counts.length - 1] / RATE)));
  }
  // A single rung is a last one already: few candidates are all measured in full.
  const shares = counts.map((_, index) => RATE ** (index + 1 - counts.length));
  const cost = counts.reduce((sum, each, index) => sum + each * shares[index], 0);
  const full = budgetSeconds === undefined ? MOST_SECONDS : (budgetSeconds * TIMING_SHARE) / Math.max(1, cost);
  return counts.map((each, index) => ({
    count: each,
    seconds: Math.min(MOST_SECONDS, Math.max(LEAST_SECONDS, full * shares[index])),
    isLast: index === counts.length - 1,
  }));
}

/** What a rung learnt of one candidate. */
export interface Trial<T> {
  readonly candidate: T;
  /** Baseline's time over its own; undefined: it came to no measurement, and is out. */
  readonly speedup: number | undefined;
}

/** The fastest `count` of a rung, fastest first. */
export function survivors<T>(trials: readonly Trial<T>[], count: number): T[] {
  return trials
    .flatMap(({ candidate, speedup }) => (speedup === undefined ? [] : [{ candidate, speedup }]))
    .sort((a, b) => b.speedup - a.speedup)
    .slice(0, count)
    .map(({ candidate }) => candidate);
}
