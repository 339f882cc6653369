import { modeLengths, type VerifiedFactorization } from '@alphatensor-edge/shared';
import type { PackedLevel } from './packed.js';
import type { NumberFormat } from './plan.js';
import type { StraightLine } from './straight-line.js';

/** Whole numbers up to this size are exact in the number format. */
const EXACT_UP_TO: Readonly<Record<NumberFormat, number>> = {
  f32: 2 ** 24,
  f64: 2 ** 53,
  f16: 2 ** 11,
  bf16: 2 ** 8,
};

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
export function exactRange(growth: Growth, leafDepth: number, depth: number, dtype: NumberFormat): number {
  if (growth === undefined) return 0;
  const terms = Math.max(growth * leafDepth, depth);
  return RANGES.find((range) => range * range * terms <= EXACT_UP_TO[dtype]) ?? 0;
}

/** The formats of a program that does not keep to one. */
export interface Formats {
  /** What the operands of the products are rounded to. */
  readonly operands: NumberFormat;
  /** Of products and of all sums. */
  readonly sums: NumberFormat;
  /** Of C. */
  readonly result: NumberFormat;
}

/** As exactRange, each intermediate result in its own format. */
export function exactRangeOf(
  growth: { readonly operands: Growth; readonly products: Growth },
  leafDepth: number,
  depth: number,
  { operands, sums, result }: Formats,
): number {
  const { operands: linear, products } = growth;
  if (linear === undefined || products === undefined) return 0;
  const fits = (range: number): boolean =>
    range * linear <= EXACT_UP_TO[operands] &&
    range * range * products * leafDepth <= EXACT_UP_TO[sums] &&
    range * range * depth <= EXACT_UP_TO[result];
  return RANGES.find(fits) ?? 0;
}

/**
 * Of programs that compute every sum for itself. A product is at most |u_r| |v_r| times its depth, 1-norms, and a block of C
 * the sum of |w_xr| times that; of several levels the factors multiply.
 */
export function temporariesGrowth(levels: readonly VerifiedFactorization[]): Growth {
  let growth = 1;
  for (const { size, rank, u, v, w } of levels) {
    const [lengthU, lengthV, lengthW] = modeLengths(size);
    if (![u, v, w].every(({ denominator }) => isPowerOfTwo(denominator))) return undefined;
    // Numerators alone: dividing by the denominators afterwards moves the binary point only.
    const products = Array.from(
      { length: rank },
      (_, r) => norm(u.coefficients, r, lengthU) * norm(v.coefficients, r, lengthV),
    );
    const blocks = Array.from({ length: lengthW }, (_, x) =>
      products.reduce((sum, product, r) => sum + Math.abs(w.coefficients[r * lengthW + x]) * product, 0),
    );
    growth *= Math.max(...products, ...blocks);
  }
  return growth;
}

/** Of programs with common subexpressions: the same of every value on the way, which may be larger than the sums themselves. */
export function packedGrowth(levels: readonly PackedLevel[]): Growth {
  let growth = 1;
  for (const { a, b, c } of levels) {
    if (![a, b, c].every(({ denominator }) => isPowerOfTwo(denominator))) return undefined;
    const [left, right] = [a, b].map((split) => bounds(split, new Array(split.inputs).fill(1)));
    const products = left.outputs.map((bound, r) => bound * right.outputs[r]);
    const merged = bounds(c, products);
    growth *= Math.max(left.largest, right.largest, merged.largest);
  }
  return growth;
}

/** How many times larger than an entry of A or of B any sum of such entries can get. */
export function operandGrowth(levels: readonly PackedLevel[]): Growth {
  let growth = 1;
  for (const { a, b } of levels) {
    if (![a, b].every(({ denominator }) => isPowerOfTwo(denominator))) return undefined;
    growth *= Math.max(...[a, b].map((split) => bounds(split, new Array(split.inputs).fill(1)).largest));
  }
  return growth;
}

/** 1-norm of row r. */
function norm(coefficients: Int32Array, r: number, length: number): number {
  return coefficients.subarray(r * length, (r + 1) * length).reduce((sum, x) => sum + Math.abs(x), 0);
}

/** Bounds on the outputs of a program, and on all its values, given those on its inputs. */
function bounds(
  { steps, outputs }: StraightLine,
  inputs: readonly number[],
): { readonly outputs: number[]; readonly largest: number } {
  const values = [...inputs];
  const scaled = ({ source, coefficient }: { source: number; coefficient: number }): number =>
    source < 0 ? 0 : Math.abs(coefficient) * values[source];
  for (const { left, right } of steps) values.push(scaled(left) + scaled(right));
  const results = outputs.map(scaled);
  return { outputs: results, largest: Math.max(...values, ...results) };
}

function isPowerOfTwo(x: number): boolean {
  return Number.isInteger(Math.log2(x));
}
