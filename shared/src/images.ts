import { contentHash } from './canonical.js';
import { type Factorization, type FactorMatrix, type VerifiedFactorization, verify } from './factorization.js';
import type { Size } from './tensor.js';

// The tensor of <n,m,p> is trace(A B C), which is also trace(B C A) and trace(C^T B^T A^T): a factorization of one size is one of all
// orders of its three dimensions.

/** Holds a symmetric image of a factorization, and how it was made. */
export interface Image {
  readonly factorization: VerifiedFactorization;
  /** How often it was rotated, before it was transposed. */
  readonly rotations: 0 | 1 | 2;
  readonly isTransposed: boolean;
}

/** Turns <n,m,p> into <m,p,n>: trace(A B C) = trace(B C A), so that the factors change places. Growth and nonzeros stay. */
export function rotate(factorization: VerifiedFactorization): VerifiedFactorization {
  const { size, u, v, w } = factorization;
  return verify({ ...factorization, size: { n: size.m, m: size.p, p: size.n }, u: v, v: w, w: u });
}

/** Turns <n,m,p> into <p,m,n>: trace(A B C) = trace(B^T A^T C^T). Growth and nonzeros stay. */
export function transposeProduct(factorization: VerifiedFactorization): VerifiedFactorization {
  const { size, rank, u, v, w }: Factorization = factorization;
  const { n, m, p } = size;
  return verify({
    ...factorization,
    size: { n: p, m, p: n },
    u: transposeRows(v, rank, m, p),
    v: transposeRows(u, rank, n, m),
    w: transposeRows(w, rank, p, n),
  });
}

/**
 * Lists the images of a factorization under the six symmetries that permute the dimensions: three rotations, each as it is and transposed.
 * Those with the same content hash are listed once. The first is the factorization itself.
 */
export function imagesOf(factorization: VerifiedFactorization): Image[] {
  const rotated = rotate(factorization);
  const rotations = [factorization, rotated, rotate(rotated)].map(
    (each, index): Image => ({ factorization: each, rotations: index as 0 | 1 | 2, isTransposed: false }),
  );
  const all = [
    ...rotations,
    ...rotations.map((image) => ({
      ...image,
      factorization: transposeProduct(image.factorization),
      isTransposed: true,
    })),
  ];
  const seen = new Set<string>();
  return all.filter((image) => {
    const hash = contentHash(image.factorization);
    return !seen.has(hash) && seen.add(hash);
  });
}

/** Gives a size with its dimensions in rising order. */
export function sortedSize({ n, m, p }: Size): Size {
  const [first, second, third] = [n, m, p].sort((a, b) => a - b);
  return { n: first, m: second, p: third };
}

/** Transposes each row, a matrix of `rows` x `columns`, row by row. */
function transposeRows(
  { coefficients, denominator }: FactorMatrix,
  rank: number,
  rows: number,
  columns: number,
): FactorMatrix {
  const result = new Int32Array(coefficients.length);
  const length = rows * columns;
  for (let r = 0; r < rank; r++) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        result[r * length + j * rows + i] = coefficients[r * length + i * columns + j];
      }
    }
  }
  return { coefficients: result, denominator };
}
