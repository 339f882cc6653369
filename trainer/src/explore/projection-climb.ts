import type { Random, Size } from '@alphatensor-edge/shared';
import type { Dimension } from './between-sizes.js';
import { BinaryWalk } from './binary-walk.js';
import { type PackedTerms, widthOf } from './packed-terms.js';
import { bestProjection, type Projection } from './projection.js';

/** Flips between two looks at how a factorization projects. */
const FLIPS = 30;
/** Looks of one climb, for each n m p of the size: 2000 for <5,5,5>, a sixth of a second. */
const LOOKS = 16;
/** The probability that a step to one that loses a product less is taken. */
const WORSE = 0.05;

/** Holds a factorization and the projection in which it loses the most products. */
export interface Climbed {
  readonly terms: PackedTerms;
  readonly projection: Projection;
}

/**
 * Walks modulo 2, at the rank of `start` or lower, to a factorization that loses more products in a projection: a few random flips, kept
 * unless they lose a product, which one in twenty may.
 */
export function climb(start: PackedTerms, size: Size, dimension: Dimension, random: Random): Climbed {
  const walk = new BinaryWalk(start.rank, random, widthOf(start));
  const reading = (): Climbed => {
    const terms = walk.terms();
    return { terms, projection: bestProjection(terms, size, dimension) };
  };
  const left = ({ terms, projection }: Climbed): number => terms.rank - projection.vanishing;
  const looks = LOOKS * size.n * size.m * size.p;
  walk.load(start);
  let at = reading();
  let best = at;
  for (let look = 0; look < looks && walk.walk(FLIPS) > 0; look++) {
    const next = reading();
    const worse = left(next) - left(at);
    if (worse <= 0 || (worse === 1 && random.bernoulli(WORSE))) at = next;
    else walk.load(at.terms);
    if (left(at) < left(best)) best = at;
  }
  return best;
}
