import {
  type FactorMatrix,
  gcd,
  LIMITS,
  modeLengths,
  type Size,
  type VerifiedFactorization,
  verify,
} from '@alphatensor-edge/shared';

/** Holds a positive rational number. */
export interface Scale {
  readonly numerator: number;
  readonly denominator: number;
}

/**
 * Makes a factorization of dyadic entries [rank, length] for each mode. Every product is multiplied by `scale`. Powers of two bring the
 * norms of a product's three factors as close to each other as they can, so that no intermediate result is much larger than another. The
 * result is reconstructed exactly.
 * @returns undefined where a coefficient or a denominator leaves LIMITS
 * @throws AlphaTensorError NOT_A_FACTORIZATION if the entries are none
 */
export function balanced(
  size: Size,
  rank: number,
  entries: readonly [Float64Array, Float64Array, Float64Array],
  { numerator, denominator }: Scale,
): VerifiedFactorization | undefined {
  const lengths = modeLengths(size);
  const factor = numerator / denominator;
  const scaled = entries.map((mode) => mode.slice());
  for (let r = 0; r < rank; r++) {
    const logs = entries.map((mode, index) => Math.log2(norm(mode, r, lengths[index])));
    const aim = (logs[0] + logs[1] + logs[2] + Math.log2(factor)) / 3;
    const [a, b] = [Math.round(aim - logs[0]), Math.round(aim - logs[1])];
    [a, b, -a - b].forEach((exponent, index) => {
      const length = lengths[index];
      for (let i = r * length; i < (r + 1) * length; i++) scaled[index][i] *= 2 ** exponent;
    });
  }
  // What is left of the scale goes into w.
  const matrices = scaled.map((mode, index) =>
    index < 2 ? toMatrix(mode, 1, 1) : toMatrix(mode, numerator, denominator),
  );
  if (!matrices.every((matrix): matrix is FactorMatrix => matrix !== undefined)) return undefined;
  const [u, v, w] = matrices;
  return verify({ size, rank, arithmetic: 'standard', u, v, w });
}

/** Dyadic entries times numerator / denominator as whole numbers over their least denominator; undefined outside LIMITS. */
function toMatrix(entries: Float64Array, numerator: number, denominator: number): FactorMatrix | undefined {
  let powers = 1;
  while (entries.some((x) => !Number.isInteger(x * powers))) {
    powers *= 2;
    if (powers > LIMITS.maxDenominator * LIMITS.maxCoefficient) return undefined;
  }
  const values = Array.from(entries, (x) => x * powers * numerator);
  const common = values.reduce((divisor, x) => gcd(divisor, x), powers * denominator);
  const matrix = {
    coefficients: Int32Array.from(values, (x) => x / common),
    denominator: (powers * denominator) / common,
  };
  const isWithin = values.every((x) => Math.abs(x / common) <= LIMITS.maxCoefficient);
  return isWithin && matrix.denominator <= LIMITS.maxDenominator ? matrix : undefined;
}

function norm(entries: Float64Array, r: number, length: number): number {
  let sum = 0;
  for (let i = r * length; i < (r + 1) * length; i++) sum += entries[i] ** 2;
  return Math.sqrt(sum);
}
