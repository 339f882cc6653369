import type { Random, Size } from '@alphatensor-edge/shared';
import type { Dimension } from './between-sizes.js';
import { BinaryWalk } from './binary-walk.js';
import { Descent, WALK_POLICY } from './descent.js';
import { type PackedTerms, widthOf } from './packed-terms.js';
import { bestProjection, type Projection } from './projection.js';

/** Flips away from the start, up and down again, for each (n m p)^3 of the size: a tenth of a descent's patience. */
const AWAY = 3;
/** The most flips away. */
const MOST_AWAY = 1_000_000;
/** Flips between two looks at how a factorization projects. */
const FLIPS = 30;
/** Looks of one climb, for each n m p of the size: 2000 for <5,5,5>, a sixth of a second. */
const LOOKS = 16;
/** The most looks: one takes long at a large size. */
const MOST_LOOKS = 4000;
/** The probability that a step to one that loses a product less is taken. */
const WORSE = 0.05;

/** Holds a factorization and the projection in which it loses the most products. */
export interface Climbed {
  readonly terms: PackedTerms;
  readonly projection: Projection;
}

/**
 * Walks modulo 2 to a factorization of the rank of `start`, or lower, that loses many products in a projection. First it goes away from the
 * start, then it takes a few random flips at a time and keeps them unless one product less is lost, which one time in twenty is kept too.
 */
export function climb(start: PackedTerms, size: Size, dimension: Dimension, random: Random): Climbed {
  const volume = size.n * size.m * size.p;
  const walk = new BinaryWalk(start.rank + WALK_POLICY.margin, random, widthOf(start));
  const away = new Descent(start, walk, random, WALK_POLICY);
  const awayFlips = Math.min(AWAY * volume ** 3, MOST_AWAY);
  while (away.flips < awayFlips && away.sinceBest < awayFlips) away.advance();
  const reading = (): Climbed => {
    const terms = walk.terms();
    return { terms, projection: bestProjection(terms, size, dimension) };
  };
  const left = ({ terms, projection }: Climbed): number => terms.rank - projection.vanishing;
  walk.load(away.pick());
  let at = reading();
  let best = at;
  const looks = Math.min(LOOKS * volume, MOST_LOOKS);
  for (let look = 0; look < looks && walk.walk(FLIPS) > 0; look++) {
    const next = reading();
    const worse = left(next) - left(at);
    if (worse <= 0 || (worse === 1 && random.bernoulli(WORSE))) at = next;
    else walk.load(at.terms);
    if (left(at) < left(best)) best = at;
  }
  return best;
}
