import {
  type Arithmetic,
  type Factorization,
  type FactorMatrix,
  modeLengths,
  type Random,
  reduced,
  type Size,
  type VerifiedFactorization,
  verify,
} from '@alphatensor-edge/shared';
import type { Action } from './action.js';
import { randomUnimodular, type Unimodular } from './unimodular.js';

/**
 * Holds a transformation that maps factorizations of T_{n,m,p} to factorizations of the same tensor (de Groote, 1978). Read u, v and w
 * as n x m, m x p and p x n matrices. Then U -> X U Y^-1, V -> Y V Z^-1, W -> Z W X^-1, followed by `shift` cyclic steps
 * (u, v, w) -> (v, w, u), which only cubic sizes allow.
 */
interface Symmetry {
  readonly x: Unimodular;
  readonly y: Unimodular;
  readonly z: Unimodular;
  readonly shift: 0 | 1 | 2;
}

/**
 * Draws a random symmetry.
 * @param offDiagonal see `randomUnimodular`; 0 changes signs only
 */
export function randomSymmetry(size: Size, arithmetic: Arithmetic, random: Random, offDiagonal: number): Symmetry {
  const cubic = size.n === size.m && size.m === size.p;
  return {
    x: randomUnimodular(size.n, arithmetic, random, offDiagonal),
    y: randomUnimodular(size.m, arithmetic, random, offDiagonal),
    z: randomUnimodular(size.p, arithmetic, random, offDiagonal),
    shift: cubic ? (random.int(3) as 0 | 1 | 2) : 0,
  };
}

/**
 * Applies the symmetry to every term and verifies the result.
 * @throws AlphaTensorError INVALID_ARGUMENT if a coefficient grows beyond the limit
 */
export function applySymmetry(factorization: VerifiedFactorization, symmetry: Symmetry): VerifiedFactorization {
  const { size, rank, arithmetic } = factorization;
  const { x, y, z, shift } = symmetry;
  const modes = [
    sandwich(factorization.u, rank, x, y, arithmetic),
    sandwich(factorization.v, rank, y, z, arithmetic),
    sandwich(factorization.w, rank, z, x, arithmetic),
  ];
  const [u, v, w] = [0, 1, 2].map((mode) => modes[(mode + shift) % 3]);
  const result: Factorization = { size, rank, arithmetic, u, v, w };
  return verify(result);
}

/** Computes left * F_r * right^-1 for every term r, where F_r is row-major of shape [left.dimension, right.dimension]. */
function sandwich(
  { coefficients, denominator }: FactorMatrix,
  rank: number,
  left: Unimodular,
  right: Unimodular,
  arithmetic: Arithmetic,
): FactorMatrix {
  const [rows, columns] = [left.dimension, right.dimension];
  const result = new Int32Array(coefficients.length);
  for (let r = 0; r < rank; r++) {
    const base = r * rows * columns;
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let k = 0; k < rows; k++) {
          const leftEntry = left.matrix[i * rows + k];
          if (leftEntry === 0) continue;
          for (let l = 0; l < columns; l++) {
            sum += leftEntry * coefficients[base + k * columns + l] * right.inverse[l * columns + j];
          }
        }
        result[base + i * columns + j] = reduced(sum, arithmetic);
      }
    }
  }
  return { coefficients: result, denominator };
}

/**
 * Holds a signed permutation of each mode: entry a of u moves to entry target[a], times sign[a]. One is drawn for every network query
 * and every training sample, so that the network does not depend on the order of the entries. The three modes lie one after the
 * other, as in an action.
 */
export interface SignedPermutation {
  /** [n*m + m*p + p*n]; each a position within its mode. */
  readonly target: Int32Array;
  /** [n*m + m*p + p*n]; each 1 or -1, and always 1 modulo 2. */
  readonly sign: Int8Array;
}

/** Draws a random signed permutation of each mode. Modulo 2 it has no signs. */
export function randomSignedPermutation(size: Size, arithmetic: Arithmetic, random: Random): SignedPermutation {
  const lengths = modeLengths(size);
  const total = lengths[0] + lengths[1] + lengths[2];
  const target = new Int32Array(total);
  const sign = new Int8Array(total).fill(1);
  let base = 0;
  for (const length of lengths) {
    const mode = target.subarray(base, base + length);
    for (let i = 0; i < length; i++) mode[i] = i;
    random.shuffle(mode);
    base += length;
  }
  if (arithmetic === 'standard') {
    for (let i = 0; i < total; i++) if (random.bernoulli(0.5)) sign[i] = -1;
  }
  return { target, sign };
}

/**
 * Writes the permuted tensor to out[offset …]: out[target a, target b, target c] = sign a * sign b * sign c * tensor[a, b, c].
 * `out` may be any numeric typed array, so that a batch is filled in place. Returns `out`.
 */
export function permuteTensor<T extends Int8Array | Int32Array | Float32Array>(
  tensor: Int8Array,
  { target, sign }: SignedPermutation,
  size: Size,
  out: T,
  offset = 0,
): T {
  const [lengthU, lengthV, lengthW] = modeLengths(size);
  const baseW = lengthU + lengthV;
  let index = 0;
  for (let a = 0; a < lengthU; a++) {
    for (let b = 0; b < lengthV; b++) {
      const row = offset + (target[a] * lengthV + target[lengthU + b]) * lengthW;
      const rowSign = sign[a] * sign[lengthU + b];
      for (let c = 0; c < lengthW; c++) {
        // `| 0` turns -0 into 0.
        out[row + target[baseW + c]] = (rowSign * sign[baseW + c] * tensor[index++]) | 0;
      }
    }
  }
  return out;
}

/** Maps a move on the original tensor to a move on the permuted one. The result may not be sign-canonical. */
export function permuteAction(action: Action, { target, sign }: SignedPermutation, size: Size): Action {
  const result = new Int8Array(action.length);
  forEachEntry(size, (index, base) => {
    result[base + target[index]] = sign[index] * action[index];
  });
  return result;
}

/** Maps a move on the permuted tensor to a move on the original one; the inverse of `permuteAction`. The result may not be sign-canonical. */
export function unpermuteAction(action: Action, { target, sign }: SignedPermutation, size: Size): Action {
  const result = new Int8Array(action.length);
  forEachEntry(size, (index, base) => {
    result[index] = sign[index] * action[base + target[index]];
  });
  return result;
}

/** Visits every entry of an action, with the start of its mode. */
function forEachEntry(size: Size, visit: (index: number, base: number) => void): void {
  let base = 0;
  for (const length of modeLengths(size)) {
    for (let i = 0; i < length; i++) visit(base + i, base);
    base += length;
  }
}
