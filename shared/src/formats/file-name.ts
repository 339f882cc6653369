import { contentHash } from '../canonical.js';
import type { VerifiedFactorization } from '../factorization.js';

/** Names the file of a factorization by size, rank and content hash: `2x2x2_m7_1f0c….json`, with `_z2` modulo 2. */
export function factorizationFileName(factorization: VerifiedFactorization): string {
  const { size, rank, arithmetic } = factorization;
  const field = arithmetic === 'modulo-2' ? '_z2' : '';
  return `${size.n}x${size.m}x${size.p}_m${rank}${field}_${contentHash(factorization).slice(0, 12)}.json`;
}
