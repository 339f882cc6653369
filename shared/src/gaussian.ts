import { createHash } from 'node:crypto';
import { AlphaTensorError } from './errors.js';
import { type Factorization, type FactorMatrix, LIMITS, MODES, type Mode, verify } from './factorization.js';
import { modeLengths, type Size } from './tensor.js';

/** One factor matrix over the Gaussian integers and a common denominator: entry i is (real[i] + imaginary[i] i) / denominator. */
export interface GaussianMatrix {
  /** Both of shape [rank, length], rank-major. */
  readonly real: Int32Array;
  readonly imaginary: Int32Array;
  readonly denominator: number;
}

/**
 * A claimed factorization over the Gaussian rationals Q(i), in the index convention of tensor.ts. Programs of real matrices cannot be made
 * of one, so that it is another type than Factorization.
 */
export interface GaussianFactorization {
  readonly size: Size;
  readonly rank: number;
  readonly u: GaussianMatrix;
  readonly v: GaussianMatrix;
  readonly w: GaussianMatrix;
}

declare const verifiedMark: unique symbol;
/** A factorization over Q(i) that has been reconstructed exactly. Only `verifyGaussian` makes one. */
export type VerifiedGaussian = GaussianFactorization & { readonly [verifiedMark]: true };

/** The largest rank: the real part of each term is four real ones, the imaginary part four more. */
export const MAX_GAUSSIAN_RANK = LIMITS.maxRank / 8;

type Part = 'real' | 'imaginary';
/** Which parts of u, v and w are multiplied, and the sign. */
type PartProduct = readonly [sign: 1 | -1, u: Part, v: Part, w: Part];

const REAL_PART: readonly PartProduct[] = [
  [1, 'real', 'real', 'real'],
  [-1, 'real', 'imaginary', 'imaginary'],
  [-1, 'imaginary', 'real', 'imaginary'],
  [-1, 'imaginary', 'imaginary', 'real'],
];
const IMAGINARY_PART: readonly PartProduct[] = [
  [1, 'imaginary', 'real', 'real'],
  [1, 'real', 'imaginary', 'real'],
  [1, 'real', 'real', 'imaginary'],
  [-1, 'imaginary', 'imaginary', 'imaginary'],
];

/**
 * Reconstructs exactly: the real parts of all terms must add up to T_{n,m,p}, and the imaginary ones to nothing. Both are sums of real
 * terms, which `verify` adds up.
 * @throws AlphaTensorError INVALID_ARGUMENT (shape, bounds) or NOT_A_FACTORIZATION
 */
export function verifyGaussian(factorization: GaussianFactorization): VerifiedGaussian {
  const { rank } = factorization;
  if (!(rank <= MAX_GAUSSIAN_RANK)) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `The rank is ${rank}; with complex coefficients at most ${MAX_GAUSSIAN_RANK} is read.`,
      { field: 'rank' },
    );
  }
  try {
    verify(realTerms(factorization, REAL_PART));
    verify(realTerms(factorization, [...REAL_PART, ...IMAGINARY_PART]));
  } catch (error) {
    if (!(error instanceof AlphaTensorError) || error.code !== 'NOT_A_FACTORIZATION') throw error;
    const { n, m, p } = factorization.size;
    throw new AlphaTensorError(
      'NOT_A_FACTORIZATION',
      `The ${rank} terms with complex coefficients do not reconstruct <${n},${m},${p}>; check the order of the entries (w indexes the product transposed), the signs, and conjugates.`,
      { cause: error },
    );
  }
  return factorization as VerifiedGaussian;
}

function realTerms(factorization: GaussianFactorization, products: readonly PartProduct[]): Factorization {
  const { size, rank } = factorization;
  const matrix = (mode: Mode, index: number): FactorMatrix => {
    const { denominator, ...parts } = factorization[mode];
    const length = parts.real.length;
    const coefficients = new Int32Array(products.length * length);
    products.forEach(([sign, ...chosen], k) => {
      const part = parts[chosen[index]];
      coefficients.set(index === 0 && sign < 0 ? part.map((x) => -x) : part, k * length);
    });
    return { coefficients, denominator };
  };
  const [u, v, w] = MODES.map(matrix);
  return { size, rank: products.length * rank, arithmetic: 'standard', u, v, w };
}

/** Computes a SHA-256 (hex) that does not depend on the order of the terms. */
export function gaussianHash(factorization: GaussianFactorization): string {
  const { size, rank } = factorization;
  const lengths = modeLengths(size);
  const terms = Array.from({ length: rank }, (_, r) =>
    MODES.map((mode, index) => {
      const { real, imaginary, denominator } = factorization[mode];
      const [from, to] = [r * lengths[index], (r + 1) * lengths[index]];
      return `${real.subarray(from, to)};${imaginary.subarray(from, to)}/${denominator}`;
    }).join(' '),
  );
  return createHash('sha256')
    .update(`gaussian ${size.n},${size.m},${size.p} ${rank} ${terms.sort().join(' ')}`)
    .digest('hex');
}

/** Counts the nonzero coefficients of u, v and w together. */
export function countGaussianNonzeros(factorization: GaussianFactorization): number {
  return MODES.reduce((sum, mode) => {
    const { real, imaginary } = factorization[mode];
    return sum + real.filter((x, i) => x !== 0 || imaginary[i] !== 0).length;
  }, 0);
}
