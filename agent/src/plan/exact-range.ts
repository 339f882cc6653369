import { modeLengths, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { type Dimensions, type DType, planProgram } from './plan.js';

/** Whole numbers up to this size are exact in the number format. */
const EXACT_UP_TO: Readonly<Record<DType, number>> = { f32: 2 ** 24, f64: 2 ** 53 };

/** Largest entries of the exact check, tried in this order. */
const RANGES = [3, 2, 1];

/**
 * The largest entries of A and B for which every intermediate result of the program, and of the plain product, is a whole
 * number (or a fraction with a power of two below) that the format holds exactly, so that a right result has no error
 * at all; 0 if there is none, because of thirds or the like, or because the product is too deep.
 */
export function exactRange(levels: readonly VerifiedFactorization[], dimensions: Dimensions, dtype: DType): number {
  let growth = 1;
  for (const { size, rank, u, v, w } of levels) {
    const [lengthU, lengthV, lengthW] = modeLengths(size);
    for (const { denominator } of [u, v, w]) if (!Number.isInteger(Math.log2(denominator))) return 0;
    // Numerators alone: dividing by the denominators afterwards moves the binary point only.
    growth *= largestSum(u.coefficients, rank, lengthU, 'row');
    growth *= largestSum(v.coefficients, rank, lengthV, 'row');
    growth *= largestSum(w.coefficients, rank, lengthW, 'column');
  }
  const { leaf } = planProgram(levels, { ...dimensions, dtype });
  const depth = Math.max(growth * leaf.k, dimensions.k);
  return RANGES.find((range) => range * range * depth <= EXACT_UP_TO[dtype]) ?? 0;
}

/** The largest sum of sizes over a row (one product's combination) or a column (one block of C). */
function largestSum(coefficients: Int32Array, rank: number, length: number, along: 'row' | 'column'): number {
  const sums = new Float64Array(along === 'row' ? rank : length);
  for (let r = 0; r < rank; r++) {
    for (let x = 0; x < length; x++) sums[along === 'row' ? r : x] += Math.abs(coefficients[r * length + x]);
  }
  return Math.max(...sums);
}
