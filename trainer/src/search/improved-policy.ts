import type { Random } from '@alphatensor-edge/shared';

/**
 * I(a) = N(a)^(1/tau) / sum over b of N(b)^(1/tau), with tau = log N / log Nbar where N = sum of N(b) is over
 * Nbar, else 1 (Fawzi et al., Nature 610 (2022), Methods). Not all visits are 0.
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
 * The index of the move to play: actions valued below the most visited one (of equals the first) are dropped, and the move
 * is drawn from the improved policy among the rest.
 *
 * @param values Q(a) of the same actions; those without a visit are never drawn
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
