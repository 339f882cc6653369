import { AlphaTensorError, type Random, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { createWalk, pack, unpack } from './packed.js';
import { widthOf } from './packed-terms.js';

/**
 * Takes random flips from a factorization and returns where they lead: a factorization of the same tensor and of at most its
 * rank. Undefined if it has no flip or cannot be packed (coefficients other than -1, 0 and 1, or too large a size).
 */
export function flipNeighbour(
  from: VerifiedFactorization,
  flips: number,
  random: Random,
): VerifiedFactorization | undefined {
  try {
    const packed = pack(from, from.arithmetic);
    const walk = createWalk(from.arithmetic, from.rank, random, widthOf(packed));
    walk.load(packed);
    return walk.walk(flips) === 0 ? undefined : unpack(walk.terms(), from.size, from.arithmetic);
  } catch (error) {
    if (error instanceof AlphaTensorError && error.code === 'INVALID_ARGUMENT') return undefined;
    throw error;
  }
}
