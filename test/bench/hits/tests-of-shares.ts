export type Interval = readonly [low: number, high: number];

/** The 95 % score interval of a proportion (Wilson, JASA 22, 1927). */
export function wilson(hits: number, trials: number): Interval {
  if (trials === 0) return [0, 1];
  const z = 1.96;
  const share = hits / trials;
  const centre = share + z ** 2 / (2 * trials);
  const spread = z * Math.sqrt((share * (1 - share)) / trials + z ** 2 / (4 * trials ** 2));
  return [(centre - spread) / (1 + z ** 2 / trials), (centre + spread) / (1 + z ** 2 / trials)];
}

/** The chance that a fair coin is at least as uneven, either way. */
export function signTest(heads: number, tails: number): number {
  const tosses = heads + tails;
  let chance = 0.5 ** tosses;
  let sum = 0;
  for (let k = 0; k <= Math.min(heads, tails); k++) {
    sum += chance;
    chance *= (tosses - k) / (k + 1);
  }
  return Math.min(1, 2 * sum);
}
