import { type Size, standard, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { type Dimension, inArithmetic, merge } from './between-sizes.js';

/**
 * Lists the sizes from the smallest one, with no dimension above 2, up to `size`. Each step makes the smallest dimension that
 * can grow larger by one, so that it adds as little as possible.
 */
export function growthSizes(size: Size): Size[] {
  const sizes: Size[] = [{ n: Math.min(2, size.n), m: Math.min(2, size.m), p: Math.min(2, size.p) }];
  for (;;) {
    const current = sizes[sizes.length - 1];
    const dimension = nextDimension(current, size);
    if (dimension === undefined) return sizes;
    sizes.push({ ...current, [dimension]: current[dimension] + 1 });
  }
}

/** Computes the size of the product of two factorizations (see `compose`). */
export function productSize(outer: Size, inner: Size): Size {
  return { n: outer.n * inner.n, m: outer.m * inner.m, p: outer.p * inner.p };
}

function nextDimension(current: Size, target: Size): Dimension | undefined {
  const open = (['n', 'm', 'p'] as const).filter((dimension) => current[dimension] < target[dimension]);
  return open.sort((a, b) => current[a] - current[b])[0];
}

/**
 * Makes a factorization for a size that is larger by one in one dimension: the given one for the old rows and columns, and the
 * standard algorithm for the new ones.
 */
export function extend(factorization: VerifiedFactorization, dimension: Dimension): VerifiedFactorization {
  const { size, arithmetic } = factorization;
  return merge(factorization, inArithmetic(standard({ ...size, [dimension]: 1 }), arithmetic), dimension);
}
