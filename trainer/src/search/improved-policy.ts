import type { Random } from '@alphatensor-edge/shared';

/**
 * Computes the improved policy I(a) = N(a)^(1/tau) / sum over b of N(b)^(1/tau). With N = sum of N(b), tau = log N / log Nbar where N
 * is above Nbar, else 1 (Fawzi et al., Nature 610 (2022), Methods). At least one visit count must not be 0.
 *
 * @param visits N(a) of the root's merged actions
 * @param policyVisits Nbar
 */
export function improvedPolicy(visits: ArrayLike<number>, policyVisits: number): Float64Array {
  let total = 0;
  let most = 0;
  for (let i = 0; i < visits.length; i++) {
    total += visits[i];
    most = Math.max(most, visits[i]);
  }
  const exponent = total > policyVisits ? Math.log(policyVisits) / Math.log(total) : 1;
  // Relative to the largest, so that no power overflows.
  const policy = Float64Array.from(visits, (count) => (count / most) ** exponent);
  const sum = policy.reduce((left, right) => left + right, 0);
  return policy.map((weight) => weight / sum);
}

/**
 * Draws the index of the move to play. Actions of a lower value than the most visited one (of equal ones the first) are dropped; the
 * move is drawn from the rest by the improved policy.
 *
 * @param values Q(a) of the same actions; an action without a visit is never drawn
 */
export function chooseMove(
  visits: ArrayLike<number>,
  values: ArrayLike<number>,
  policy: Float64Array,
  random: Random,
): number {
  let mostVisited = 0;
  for (let i = 1; i < visits.length; i++) if (visits[i] > visits[mostVisited]) mostVisited = i;
  const threshold = values[mostVisited];
  return random.categorical(policy.map((weight, i) => (values[i] < threshold ? 0 : weight)));
}
