import { type FactorizationRecord, MODES } from '@alphatensor-edge/shared';

/** Finds the largest denominator of the coefficients of all levels; null if a level is not kept, and for the baseline. */
export function denominatorOf(
  levels: readonly string[],
  algorithms: ReadonlyMap<string, FactorizationRecord>,
): number | null {
  const kept = levels.flatMap((hash) => algorithms.get(hash)?.factorization ?? []);
  if (kept.length === 0 || kept.length < levels.length) return null;
  return Math.max(...kept.flatMap((factorization) => MODES.map((mode) => factorization[mode].denominator)));
}
