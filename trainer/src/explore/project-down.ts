import type { Random, VerifiedFactorization } from '@alphatensor-edge/shared';
import { type Dimension, project } from './between-sizes.js';
import { pack, unpack } from './packed.js';
import { MAX_LENGTH, projectAlong } from './projection.js';
import { climb } from './projection-climb.js';
import { randomImage } from './random-image.js';

/** Random bases in which a factorization is projected where not all are compared. */
const BASES = 8;

/** Takes one from a dimension of a factorization, in a way in which many products vanish. */
export function projectDown(from: VerifiedFactorization, dimension: Dimension, random: Random): VerifiedFactorization {
  const isCompared = from.arithmetic === 'modulo-2' && from.size[dimension] <= MAX_LENGTH;
  return isCompared ? projectAfterClimb(from, dimension, random) : projectInBases(from, dimension, random);
}

/** Projects modulo 2 along what loses the most products of all, after a walk to a factorization that loses many. */
export function projectAfterClimb(
  from: VerifiedFactorization,
  dimension: Dimension,
  random: Random,
): VerifiedFactorization {
  const { terms, projection } = climb(pack(from, 'modulo-2'), from.size, dimension, random);
  return projectAlong(unpack(terms, from.size, 'modulo-2'), projection);
}

/** Projects in the basis, of this one and some random ones, in which a row or column loses the most products. */
export function projectInBases(
  from: VerifiedFactorization,
  dimension: Dimension,
  random: Random,
): VerifiedFactorization {
  const length = from.size[dimension];
  let best: VerifiedFactorization | undefined;
  let image = from;
  for (let basis = 0; basis < BASES; basis++) {
    for (let index = 0; index < length; index++) {
      const made = project(image, dimension, index);
      if (best === undefined || made.rank < best.rank) best = made;
    }
    image = randomImage(image, [dimension], random);
  }
  return best as VerifiedFactorization;
}
