import {
  type Arithmetic,
  type Factorization,
  fromRows,
  MODES,
  modeLengths,
  reduced,
  rotate,
  type Size,
  sameSize,
  sortedSize,
  transposeProduct,
  type VerifiedFactorization,
  verify,
} from '@alphatensor-edge/shared';

// Ways from a factorization of one size to one of another, which connect the flip graphs of all sizes (Kauers & Wood, "Exploring the
// meta flip graph for matrix multiplication", arXiv 2505.05896; Perminov, arXiv 2511.20317).

export type Dimension = keyof Size;
export const DIMENSIONS = ['n', 'm', 'p'] as const satisfies readonly Dimension[];

/** The dimensions of the rows and of the columns of the three factors. */
export const SIDES = [
  ['n', 'm'],
  ['m', 'p'],
  ['p', 'n'],
] as const satisfies readonly (readonly [Dimension, Dimension])[];

/**
 * Joins two factorizations that differ in one dimension at most, along that dimension: <n,m1,p> and <n,m2,p> give <n,m1+m2,p>. The
 * ranks add.
 */
export function merge(
  first: VerifiedFactorization,
  second: VerifiedFactorization,
  dimension: Dimension,
): VerifiedFactorization {
  const size: Size = { ...first.size, [dimension]: first.size[dimension] + second.size[dimension] };
  const begin = { n: 0, m: 0, p: 0 };
  const parts = [placed(first, size, begin), placed(second, size, { ...begin, [dimension]: first.size[dimension] })];
  const [u, v, w] = MODES.map((_, mode) => parts.flatMap((rows) => rows[mode]));
  return verify(fromRows(size, u, v, w, first.arithmetic));
}

/**
 * Removes one row or column from a dimension: its entries become zero, and the products that vanish go.
 * @param index the row or column, from 0
 */
export function project(from: VerifiedFactorization, dimension: Dimension, index: number): VerifiedFactorization {
  const size: Size = { ...from.size, [dimension]: from.size[dimension] - 1 };
  const rows = rowsOf(from).map((factor, mode) => {
    const [rowSide, columnSide] = SIDES[mode];
    const columns = from.size[columnSide];
    const stays = (side: Dimension, at: number): boolean => side !== dimension || at !== index;
    return factor.map((row) =>
      row.filter((_, i) => stays(rowSide, Math.floor(i / columns)) && stays(columnSide, i % columns)),
    );
  });
  const kept = rows[0].flatMap((_, term) => (rows.every((factor) => factor[term].some((x) => x !== 0)) ? [term] : []));
  const [u, v, w] = rows.map((factor) => kept.map((term) => factor[term]));
  return verify(fromRows(size, u, v, w, from.arithmetic));
}

/**
 * Adds `sign` times row `source` of a dimension to row `target` in the basis of the factorization: another factorization of the same
 * tensor, which projects to others and merges otherwise.
 * @param sign 1 or -1; modulo 2 both are the same
 */
export function shear(
  from: VerifiedFactorization,
  dimension: Dimension,
  source: number,
  target: number,
  sign = 1,
): VerifiedFactorization {
  const sum = (x: number, y: number): number => reduced(x + y, from.arithmetic);
  const [u, v, w] = rowsOf(from).map((factor, mode) => {
    const [rowSide, columnSide] = SIDES[mode];
    const columns = from.size[columnSide];
    const rows = from.size[rowSide];
    return factor.map((row) => {
      const sheared = row.slice();
      // One of the two factors changes as X -> E X, the other as X -> X E^-1, so that their product stays.
      if (rowSide === dimension) {
        for (let j = 0; j < columns; j++) {
          const [at, other] = [target * columns + j, source * columns + j];
          sheared[at] = sum(row[at], sign * row[other]);
        }
      } else if (columnSide === dimension) {
        for (let i = 0; i < rows; i++) {
          const [at, other] = [i * columns + source, i * columns + target];
          sheared[at] = sum(row[at], -sign * row[other]);
        }
      }
      return sheared;
    });
  });
  return verify(fromRows(from.size, u, v, w, from.arithmetic));
}

/**
 * Turns a factorization into one of `size`, which has the same dimensions in any order.
 * @throws Error if it has others
 */
export function reordered(from: VerifiedFactorization, size: Size): VerifiedFactorization {
  let image = from;
  for (const isTransposed of [false, true]) {
    for (let turn = 0; turn < 3; turn++) {
      if (sameSize(image.size, size)) return image;
      image = rotate(image);
    }
    if (!isTransposed) image = transposeProduct(image);
  }
  throw new Error('a factorization cannot be reordered to a size with other dimensions');
}

/** Turns a factorization into one whose dimensions rise. */
export function inOrder(from: VerifiedFactorization): VerifiedFactorization {
  return reordered(from, sortedSize(from.size));
}

/** Reads integers modulo 2 or 3 where a search walks so. */
export function inArithmetic(from: VerifiedFactorization, arithmetic: Arithmetic): VerifiedFactorization {
  if (from.arithmetic === arithmetic) return from;
  const [u, v, w] = rowsOf(from).map((factor) => factor.map((row) => row.map((x) => reduced(x, arithmetic))));
  return verify(fromRows(from.size, u, v, w, arithmetic));
}

/** Gives the factors of each term, [mode][term][entry]. */
function rowsOf(from: Factorization): Int32Array[][] {
  const lengths = modeLengths(from.size);
  return MODES.map((name, mode) =>
    Array.from({ length: from.rank }, (_, term) =>
      from[name].coefficients.slice(term * lengths[mode], (term + 1) * lengths[mode]),
    ),
  );
}

/** Gives the factors of each term as those of a larger size, with its first row and column of each dimension at `begin`. */
function placed(from: Factorization, larger: Size, begin: Size): Int32Array[][] {
  return rowsOf(from).map((factor, mode) => {
    const [rowSide, columnSide] = SIDES[mode];
    const columns = from.size[columnSide];
    return factor.map((row) => {
      const wide = new Int32Array(larger[rowSide] * larger[columnSide]);
      row.forEach((x, i) => {
        const [at, across] = [Math.floor(i / columns) + begin[rowSide], (i % columns) + begin[columnSide]];
        wide[at * larger[columnSide] + across] = x;
      });
      return wide;
    });
  });
}
