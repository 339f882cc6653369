import {
  type Factorization,
  fromRows,
  MODES,
  modeLengths,
  type Size,
  standard,
  type VerifiedFactorization,
  verify,
} from '@alphatensor-edge/shared';

export type Dimension = keyof Size;

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
export function extend(factorization: Factorization, dimension: Dimension): VerifiedFactorization {
  const { size, rank, arithmetic } = factorization;
  const larger: Size = { ...size, [dimension]: size[dimension] + 1 };
  const [old, thin] = [embedding(size, larger), embedding({ ...larger, [dimension]: 1 }, larger, dimension)];
  const added = standard({ ...larger, [dimension]: 1 });
  const lengths = modeLengths(larger);
  const [u, v, w] = MODES.map((mode, index) => {
    const place = (from: Factorization, places: readonly number[], term: number): Int32Array => {
      const row = new Int32Array(lengths[index]);
      places.forEach((entry, i) => {
        row[entry] = from[mode].coefficients[term * places.length + i];
      });
      return row;
    };
    return [
      ...Array.from({ length: rank }, (_, term) => place(factorization, old[index], term)),
      ...Array.from({ length: added.rank }, (_, term) => place(added, thin[index], term)),
    ];
  });
  return verify(fromRows(larger, u, v, w, arithmetic));
}

/** For each mode, maps the entries of a size to those of a larger one: at its start, or in dimension `last` at its end. */
function embedding(size: Size, larger: Size, last?: Dimension): number[][] {
  const shift = (dimension: Dimension): number => (dimension === last ? larger[dimension] - 1 : 0);
  const matrix = (rows: Dimension, columns: Dimension): number[] =>
    Array.from({ length: size[rows] * size[columns] }, (_, i) => {
      const row = Math.floor(i / size[columns]) + shift(rows);
      return row * larger[columns] + (i % size[columns]) + shift(columns);
    });
  return [matrix('n', 'm'), matrix('m', 'p'), matrix('p', 'n')];
}
