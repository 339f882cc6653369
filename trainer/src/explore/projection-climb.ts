import type { Random, Size } from '@alphatensor-edge/shared';
import type { Dimension } from './between-sizes.js';
import { BinaryWalk } from './binary-walk.js';
import { Descent, WALK_POLICY } from './descent.js';
import { type PackedTerms, widthOf } from './packed-terms.js';
import { bestProjection, type Projection } from './projection.js';

/** Says how far a climb goes away from its start, up and down again. */
interface Away {
  /** Flips for each (n m p)^3 of the size. */
  readonly flips: number;
  readonly most: number;
}

/** A tenth of a descent's patience. */
const AWAY: Away = { flips: 3, most: 1_000_000 };
/** From a merge of two: two thirds of a descent's patience. */
export const MERGED: Away = { flips: 20, most: 20_000_000 };
/** Flips between two looks at how a factorization projects. */
const FLIPS = 30;
/** Looks of one climb, for each n m p of the size: 2000 for <5,5,5>, a sixth of a second. */
const LOOKS = 16;
/** The most looks: one takes long at a large size. */
const MOST_LOOKS = 4000;
/** The probability that a step to one that loses a product less is taken. */
const WORSE = 0.05;

export interface ClimbOptions {
  readonly away?: Away | undefined;
  /** Takes in how many flips the climb took. */
  readonly onFlips?: ((flips: number) => void) | undefined;
}

/** Holds a factorization and the projection in which it loses the most products. */
export interface Climbed {
  readonly terms: PackedTerms;
  readonly projection: Projection;
}

/**
 * Walks modulo 2 to a factorization of the rank of `start`, or lower, that loses many products in a projection. First it goes away from the
 * start, then it takes a few random flips at a time and keeps them unless one product less is lost, which one time in twenty is kept too.
 */
export function climb(
  start: PackedTerms,
  size: Size,
  dimension: Dimension,
  random: Random,
  { away: { flips, most } = AWAY, onFlips }: ClimbOptions = {},
): Climbed {
  const volume = size.n * size.m * size.p;
  const walk = new BinaryWalk(start.rank + WALK_POLICY.margin, random, widthOf(start));
  const away = new Descent(start, walk, random, WALK_POLICY);
  const awayFlips = Math.min(flips * volume ** 3, most);
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
  let climbed = 0;
  for (let look = 0; look < looks; look++) {
    const walked = walk.walk(FLIPS);
    if (walked === 0) break;
    climbed += walked;
    const next = reading();
    const worse = left(next) - left(at);
    if (worse <= 0 || (worse === 1 && random.bernoulli(WORSE))) at = next;
    else walk.load(at.terms);
    if (left(at) < left(best)) best = at;
  }
  onFlips?.(away.flips + climbed);
  return best;
}
