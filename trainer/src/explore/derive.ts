import {
  type Arithmetic,
  type Random,
  type Size,
  standard,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';
import { DIMENSIONS, type Dimension, inArithmetic, merge, reordered } from './between-sizes.js';
import { projectDown } from './project-down.js';
import { randomImage } from './random-image.js';

/** Ways that are tried for one start; the lowest rank is taken. */
const WAYS = 3;
/** Share of merges where one part is in another basis, so that the parts share other factors. */
const IMAGES = 0.5;

interface Sources {
  readonly arithmetic: Arithmetic;
  /** Gives one of the best of a size, with its dimensions in any order; undefined if there is none. */
  given(size: Size): VerifiedFactorization | undefined;
  readonly random: Random;
}

/**
 * Makes a factorization of `size` from those of other sizes: one larger by one in a dimension, projected; or two that together make
 * up a dimension, merged. If only one part is known, the other is the standard algorithm; if nothing is known, the whole is.
 */
export function derive(size: Size, sources: Sources): VerifiedFactorization {
  const { random, given } = sources;
  const ways: (() => VerifiedFactorization | undefined)[] = [];
  for (const dimension of DIMENSIONS) {
    const larger: Size = { ...size, [dimension]: size[dimension] + 1 };
    ways.push(() => {
      const from = given(larger);
      return from && projectDown(reordered(from, larger), dimension, random);
    });
    for (let part = 1; part <= size[dimension] / 2; part++) ways.push(() => merged(size, dimension, part, sources));
  }
  let best: VerifiedFactorization | undefined;
  let tried = 0;
  for (const way of random.shuffle(ways)) {
    const made = way();
    if (made === undefined) continue;
    if (best === undefined || made.rank < best.rank) best = made;
    if (++tried === WAYS) break;
  }
  return best ?? inArithmetic(standard(size), sources.arithmetic);
}

/** Makes <n,m,p> from two parts of a dimension: `part` of it, and the rest. Undefined if neither is known. */
function merged(
  size: Size,
  dimension: Dimension,
  part: number,
  { arithmetic, given, random }: Sources,
): VerifiedFactorization | undefined {
  const sizes = [size[dimension] - part, part].map((length): Size => ({ ...size, [dimension]: length }));
  const known = sizes.map(given);
  if (known.every((each) => each === undefined)) return undefined;
  const [first, second] = sizes.map((of, index) => {
    const from = known[index];
    return from === undefined ? inArithmetic(standard(of), arithmetic) : reordered(from, of);
  });
  const others = DIMENSIONS.filter((each) => each !== dimension);
  return merge(first, random.bernoulli(IMAGES) ? randomImage(second, others, random) : second, dimension);
}
