/** Holds one measured time, and what was done in it. */
export interface FitSample {
  /** Amount of each kind of work. */
  readonly work: readonly number[];
  /** Above 0. */
  readonly seconds: number;
  /** Default 1. */
  readonly weight?: number | undefined;
}

/** Weight of what is assumed, against one sample that differs from its prediction by as large a share. */
const RIDGE = 1e-3;
/** Rounds of coordinate descent, far more than the few unknowns need. */
const ROUNDS = 1000;
const CONVERGED = 1e-9;

/**
 * Fits times to work: seconds ~ work . x with x >= 0. It minimizes the squares of the relative errors, plus a small penalty on x where
 * it leaves what is assumed, each relative to its assumed value (ridge regression with a prior mean; non-negative by coordinate
 * descent, Franc, Hlavac & Navara, "Sequential coordinate-wise algorithm for the non-negative least squares problem", 2005).
 * @param assumed above 0
 */
export function fitNonNegative(samples: readonly FitSample[], assumed: readonly number[], ridge = RIDGE): number[] {
  const rows = samples.map(({ work, seconds, weight = 1 }) => {
    const root = Math.sqrt(weight);
    return { target: root, shares: work.map((amount, j) => (root * amount * assumed[j]) / seconds) };
  });
  // In multiples of what is assumed.
  const x = assumed.map(() => 1);
  const rest = rows.map(({ target, shares }) => target - shares.reduce((sum, share) => sum + share, 0));
  const squares = assumed.map((_, j) => rows.reduce((sum, { shares }) => sum + shares[j] ** 2, ridge));
  for (let round = 0; round < ROUNDS; round++) {
    let largest = 0;
    for (let j = 0; j < x.length; j++) {
      const slope = rows.reduce((sum, { shares }, i) => sum + shares[j] * rest[i], ridge * (1 - x[j]));
      const next = Math.max(0, x[j] + slope / squares[j]);
      const step = next - x[j];
      if (step === 0) continue;
      rows.forEach(({ shares }, i) => {
        rest[i] -= shares[j] * step;
      });
      x[j] = next;
      largest = Math.max(largest, Math.abs(step));
    }
    if (largest < CONVERGED) break;
  }
  return x.map((multiple, j) => multiple * assumed[j]);
}
