import { AlphaTensorError } from './errors.js';

/**
 * The size of a matrix product: A is n x m, B is m x p and their product n x p.
 *
 * **The one index convention.** T_{n,m,p} is the trilinear form trace(A B C), with C of shape p x n: the product
 * *transposed*. Entry A[i,j] has index i*m+j, B[j,k] has j*p+k and C[k,i] has k*n+i. Only formats/ and the agent's
 * codegen/ convert to other layouts.
 */
export interface Size {
  readonly n: number;
  readonly m: number;
  readonly p: number;
}

/** Lengths of the three modes: u has n*m entries, v m*p, w p*n. */
export type ModeLengths = readonly [u: number, v: number, w: number];

/** The largest n, m or p of an algorithm that is accepted anywhere; keeps a hostile file from allocating a huge tensor. */
export const MAX_ALGORITHM_DIMENSION = 64;

/** Gives the lengths of the three modes of T_{n,m,p}. */
export function modeLengths({ n, m, p }: Size): ModeLengths {
  return [n * m, m * p, p * n];
}

/** Writes `<2,2,3>`, as the literature writes it. */
export function formatSize({ n, m, p }: Size): string {
  return `<${n},${m},${p}>`;
}

/** Tells whether two sizes are the same. */
export function sameSize(a: Size, b: Size): boolean {
  return a.n === b.n && a.m === b.m && a.p === b.p;
}

/** Reads `2,2,3` (also `2x2x3`). @throws AlphaTensorError INVALID_ARGUMENT */
export function parseSize(text: string): Size {
  const parts = text.split(/[,x]/).map((part) => (/^\d+$/.test(part.trim()) ? Number(part) : Number.NaN));
  if (parts.length !== 3) {
    throw new AlphaTensorError('INVALID_ARGUMENT', `"${text}" is not a size; write n,m,p such as 2,2,3.`);
  }
  const size = { n: parts[0], m: parts[1], p: parts[2] };
  checkSize(size);
  return size;
}

/** Checks a size. @throws AlphaTensorError INVALID_ARGUMENT unless n, m and p are whole numbers from 1 to MAX_ALGORITHM_DIMENSION. */
export function checkSize({ n, m, p }: Size): void {
  for (const [name, value] of Object.entries({ n, m, p })) {
    if (!Number.isInteger(value) || value < 1 || value > MAX_ALGORITHM_DIMENSION) {
      throw new AlphaTensorError(
        'INVALID_ARGUMENT',
        `${name} must be a whole number from 1 to ${MAX_ALGORITHM_DIMENSION}, but is ${value}.`,
        { field: name },
      );
    }
  }
}

/** Counts the scalar multiplications of the schoolbook algorithm, n*m*p. */
export function standardRank({ n, m, p }: Size): number {
  return n * m * p;
}

/**
 * Visits the n*m*p ones of T_{n,m,p}: calls `visit` with the indices (a, b, c) into the three modes.
 */
export function forEachOne({ n, m, p }: Size, visit: (a: number, b: number, c: number) => void): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      for (let k = 0; k < p; k++) visit(i * m + j, j * p + k, k * n + i);
    }
  }
}

/** Writes T_{n,m,p} out, dense. Shape [n*m, m*p, p*n], row-major: entry (a, b, c) is at (a*(m*p)+b)*(p*n)+c. */
export function multiplicationTensor(size: Size): Int8Array {
  const [lengthU, lengthV, lengthW] = modeLengths(size);
  const tensor = new Int8Array(lengthU * lengthV * lengthW);
  forEachOne(size, (a, b, c) => {
    tensor[(a * lengthV + b) * lengthW + c] = 1;
  });
  return tensor;
}
