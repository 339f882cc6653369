import {
  type Arithmetic,
  type Random,
  type Size,
  standard,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';
import { DIMENSIONS, type Dimension, inArithmetic, merge, reordered } from './between-sizes.js';
import { isPackable } from './packed.js';
import { projectDown } from './project-down.js';
import { randomImage } from './random-image.js';

/** Merges that are tried for one start; the lowest rank is taken. */
const MERGES = 3;
/** Share of merges where one part is in another basis, so that the parts share other factors. */
const IMAGES = 0.5;

export interface Sources {
  readonly arithmetic: Arithmetic;
  /** Gives one of the best of a size, with its dimensions in any order; undefined if there is none. */
  given(size: Size): VerifiedFactorization | undefined;
  readonly random: Random;
}

/** Makes a factorization of a size from those of others; undefined if none of them is known. */
export type Way = (size: Size, sources: Sources) => VerifiedFactorization | undefined;

/** The ways that there are. */
export const WAYS: readonly Way[] = [fromLarger, fromHalves, lowestMerge];

/**
 * Makes a factorization of `size` from those of other sizes, in one of three ways: one larger by one in a dimension, projected; two
 * halves of such a larger one, merged and then projected; or two that together make up a dimension, merged. If only one part of a
 * merge is known, the other is the standard algorithm; if nothing is known, the whole is.
 *
 * The ways are not chosen by the rank of what they make: walks hardly come below a merge, and far below what a projection leaves.
 * @param first the way that is tried first; the others follow in random order where nothing is known for it
 */
export function derive(size: Size, sources: Sources, first?: Way): VerifiedFactorization {
  const others = sources.random.shuffle(WAYS.filter((way) => way !== first));
  for (const way of first === undefined ? others : [first, ...others]) {
    const made = way(size, sources);
    if (made !== undefined) return made;
  }
  return inArithmetic(standard(size), sources.arithmetic);
}

/** Projects one that is larger by one in a dimension. Undefined if none is known. */
function fromLarger(size: Size, { given, random }: Sources): VerifiedFactorization | undefined {
  for (const dimension of random.shuffle([...DIMENSIONS])) {
    const larger: Size = { ...size, [dimension]: size[dimension] + 1 };
    const from = given(larger);
    if (from !== undefined) return projectDown(reordered(from, larger), dimension, random);
  }
  return undefined;
}

/** Merges two halves of a dimension that is larger by one, and projects what that makes. Undefined if no half is known. */
function fromHalves(size: Size, sources: Sources): VerifiedFactorization | undefined {
  const { given, random } = sources;
  for (const dimension of random.shuffle(DIMENSIONS.filter((each) => size[each] % 2 === 1 && size[each] > 1))) {
    const half = (size[dimension] + 1) / 2;
    const larger: Size = { ...size, [dimension]: 2 * half };
    if (!isPackable(larger) || given({ ...size, [dimension]: half }) === undefined) continue;
    const doubled = merged(larger, dimension, half, sources);
    return doubled && projectDown(doubled, dimension, random);
  }
  return undefined;
}

/** Makes the lowest of some merges. Undefined if no part of them is known. */
function lowestMerge(size: Size, sources: Sources): VerifiedFactorization | undefined {
  const parts = DIMENSIONS.flatMap((dimension) =>
    Array.from({ length: Math.floor(size[dimension] / 2) }, (_, index) => ({ dimension, part: index + 1 })),
  );
  let best: VerifiedFactorization | undefined;
  let tried = 0;
  for (const { dimension, part } of sources.random.shuffle(parts)) {
    const made = merged(size, dimension, part, sources);
    if (made === undefined) continue;
    if (best === undefined || made.rank < best.rank) best = made;
    if (++tried === MERGES) break;
  }
  return best;
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
