import { contentHash, growthOfLevels, MODES, type VerifiedFactorization } from '@alphatensor-edge/shared';
import type { Candidate } from '../fleet/algorithms.js';
import type { AlgorithmRef } from '../fleet/measurement.js';

/**
 * Makes a candidate of different algorithms, one inside the other.
 * @param levels outermost first
 */
export function composedCandidate(
  levels: readonly VerifiedFactorization[],
  described: Pick<AlgorithmRef, 'label' | 'role' | 'origin'>,
): Candidate {
  const product = (of: (level: VerifiedFactorization) => number): number =>
    levels.reduce((x, level) => x * of(level), 1);
  return {
    levels,
    algorithm: {
      ...described,
      levels: levels.map(contentHash),
      size: { n: product(({ size }) => size.n), m: product(({ size }) => size.m), p: product(({ size }) => size.p) },
      rank: product(({ rank }) => rank),
      nonzeros: MODES.reduce((sum, mode) => sum + product((level) => nonzerosOf(level[mode].coefficients)), 0),
      arithmetic: 'standard',
      growth: growthOfLevels(levels),
    },
  };
}

function nonzerosOf(coefficients: Int32Array): number {
  return coefficients.reduce((count, x) => count + (x === 0 ? 0 : 1), 0);
}
