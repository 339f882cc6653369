import { modulusOf } from '../arithmetic.js';
import { contentHash } from '../canonical.js';
import type { VerifiedFactorization } from '../factorization.js';
import { gaussianHash, type VerifiedGaussian } from '../gaussian.js';
import type { Size } from '../tensor.js';

/** Names the file of a factorization by size, rank and content hash: `2x2x2_m7_1f0c….json`, with `_z2` modulo 2 and `_z3` modulo 3. */
export function factorizationFileName(factorization: VerifiedFactorization): string {
  const { size, rank, arithmetic } = factorization;
  const modulus = modulusOf(arithmetic);
  return named(size, rank, modulus === undefined ? '' : `_z${modulus}`, contentHash(factorization));
}

/** Names the file of one over the Gaussian rationals: `4x4x4_m48_complex_1f0c….json`. */
export function gaussianFileName(factorization: VerifiedGaussian): string {
  return named(factorization.size, factorization.rank, '_complex', gaussianHash(factorization));
}

function named({ n, m, p }: Size, rank: number, field: string, hash: string): string {
  return `${n}x${m}x${p}_m${rank}${field}_${hash.slice(0, 12)}.json`;
}
