import { moduloWords } from './arithmetic.js';
import { AlphaTensorError } from './errors.js';
import { type Factorization, type FactorMatrix, MODES } from './factorization.js';
import { standardRank } from './tensor.js';

/** A non-negative rational number in lowest terms, of any size. */
export interface ExactRatio {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/**
 * Computes Phi = sum over r of |u_r|^2 |v_r|^2 |w_r|^2 exactly (arXiv 2609.26077). It does not change under orthogonal changes of
 * basis, nor when scale moves between the factors of a product.
 * @throws AlphaTensorError INVALID_ARGUMENT for a factorization modulo 2 or 3, which rounds nothing
 */
export function growthPhi(factorization: Factorization): ExactRatio {
  if (factorization.arithmetic !== 'standard') {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `Error growth is defined over the rationals; an algorithm ${moduloWords(factorization.arithmetic)} makes no rounding errors.`,
    );
  }
  const [u, v, w] = MODES.map((mode) => squaredNorms(factorization[mode], factorization.rank));
  let numerator = 0n;
  for (let r = 0; r < factorization.rank; r++) numerator += BigInt(u[r]) * BigInt(v[r]) * BigInt(w[r]);
  const scale = MODES.reduce((product, mode) => product * BigInt(factorization[mode].denominator), 1n);
  return lowestTerms(numerator, scale * scale);
}

/**
 * Computes the error growth sqrt(Phi / (n m p)): the factor by which one step multiplies the root mean square of the rounding error of
 * a plain product with random inputs (arXiv 2609.26077). The standard algorithm has 1, Strassen's 2; a lower one is more accurate.
 * @throws AlphaTensorError INVALID_ARGUMENT for a factorization modulo 2
 */
export function growth(factorization: Factorization): number {
  const { numerator, denominator } = growthPhi(factorization);
  // Both are below 2^150: far from where a double overflows, and each is rounded once.
  return Math.sqrt(Number(numerator) / Number(denominator * BigInt(standardRank(factorization.size))));
}

/** Computes the growth of several levels, one inside the other: the product of theirs; no level has 1. */
export function growthOfLevels(levels: readonly Factorization[]): number {
  return levels.reduce((product, level) => product * growth(level), 1);
}

/** The squared norm of each row, times the square of the denominator: whole numbers below 2^53. */
function squaredNorms({ coefficients }: FactorMatrix, rank: number): number[] {
  const length = coefficients.length / rank;
  return Array.from({ length: rank }, (_, r) => {
    let sum = 0;
    for (let i = r * length; i < (r + 1) * length; i++) sum += coefficients[i] ** 2;
    return sum;
  });
}

function lowestTerms(numerator: bigint, denominator: bigint): ExactRatio {
  let [x, y] = [numerator, denominator];
  while (y !== 0n) [x, y] = [y, x % y];
  return { numerator: numerator / x, denominator: denominator / x };
}
