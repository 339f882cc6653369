import { modeLengths, type VerifiedFactorization } from '@alphatensor-edge/shared';
import type { PackedLevel } from './packed.js';
import type { DType } from './plan.js';
import type { StraightLine } from './straight-line.js';

/** Whole numbers up to this size are exact in the number format. */
const EXACT_UP_TO: Readonly<Record<DType, number>> = { f32: 2 ** 24, f64: 2 ** 53 };

/** Largest entries of the exact check, tried in this order. */
const RANGES = [3, 2, 1];

/** How many times larger than a plain sum of products any intermediate numerator can get; undefined: not exact at all. */
export type Growth = number | undefined;

/**
 * The largest entries of A and B for which every intermediate result of the program, and of the plain product, is a whole
 * number (or a fraction with a power of two below) that the format holds exactly, so that a right result has no error
 * at all; 0 if there is none, because of thirds or the like, or because the product is too deep.
 * @param leafDepth depth of the innermost products
 * @param depth depth of the whole product
 */
export function exactRange(growth: Growth, leafDepth: number, depth: number, dtype: DType): number {
  if (growth === undefined) return 0;
  const terms = Math.max(growth * leafDepth, depth);
  return RANGES.find((range) => range * range * terms <= EXACT_UP_TO[dtype]) ?? 0;
}

/** Of programs that compute every sum for itself. */
export function temporariesGrowth(levels: readonly VerifiedFactorization[]): Growth {
  let growth = 1;
  for (const { size, rank, u, v, w } of levels) {
    const [lengthU, lengthV, lengthW] = modeLengths(size);
    if (![u, v, w].every(({ denominator }) => isPowerOfTwo(denominator))) return undefined;
    // Numerators alone: dividing by the denominators afterwards moves the binary point only.
    growth *= largestSum(u.coefficients, rank, lengthU, 'row');
    growth *= largestSum(v.coefficients, rank, lengthV, 'row');
    growth *= largestSum(w.coefficients, rank, lengthW, 'column');
  }
  return growth;
}

/** Of programs with common subexpressions, whose intermediate sums may be larger than the sums themselves. */
export function packedGrowth(levels: readonly PackedLevel[]): Growth {
  let growth = 1;
  for (const { a, b, c } of levels) {
    for (const transform of [a, b, c]) {
      if (!isPowerOfTwo(transform.denominator)) return undefined;
      growth *= largestValue(transform);
    }
  }
  return growth;
}

/** The largest sum of sizes over a row (one product's combination) or a column (one block of C). */
function largestSum(coefficients: Int32Array, rank: number, length: number, along: 'row' | 'column'): number {
  const sums = new Float64Array(along === 'row' ? rank : length);
  for (let r = 0; r < rank; r++) {
    for (let x = 0; x < length; x++) sums[along === 'row' ? r : x] += Math.abs(coefficients[r * length + x]);
  }
  return Math.max(...sums);
}

/** A bound on every value of the program, its inputs being at most 1 in size. */
function largestValue({ inputs, steps, outputs }: StraightLine): number {
  const bounds: number[] = new Array(inputs).fill(1);
  const scaled = ({ source, coefficient }: { source: number; coefficient: number }): number =>
    source < 0 ? 0 : Math.abs(coefficient) * bounds[source];
  for (const { left, right } of steps) bounds.push(scaled(left) + scaled(right));
  return Math.max(...bounds, ...outputs.map(scaled));
}

function isPowerOfTwo(x: number): boolean {
  return Number.isInteger(Math.log2(x));
}
