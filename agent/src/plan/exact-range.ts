import { modeLengths, type VerifiedFactorization } from '@alphatensor-edge/shared';
import type { PackedLevel } from './packed.js';
import type { NumberFormat } from './plan.js';
import type { StraightLine } from './straight-line.js';

/** The size up to which all whole numbers are exact in the number format. */
const EXACT_UP_TO: Readonly<Record<NumberFormat, number>> = {
  f32: 2 ** 24,
  f64: 2 ** 53,
  f16: 2 ** 11,
  bf16: 2 ** 8,
};

/** Lists the largest entries for the exact check, in the order in which they are tried. */
const RANGES = [3, 2, 1];

/**
 * Tells how many times larger than a plain sum of products an intermediate numerator can get. Undefined: the program is
 * not exact at all.
 */
export type Growth = number | undefined;

/**
 * Finds the largest entries of A and B with which a right result has no error at all: every intermediate result of the
 * program, and of the plain product, is then a whole number (or a fraction over a power of two) that the format holds
 * exactly. Gives 0 if there are none, because the coefficients contain thirds or the like, or because the product is
 * too deep.
 * @param leafDepth depth of the innermost products
 * @param depth depth of the whole product
 */
export function exactRange(growth: Growth, leafDepth: number, depth: number, dtype: NumberFormat): number {
  if (growth === undefined) return 0;
  const terms = Math.max(growth * leafDepth, depth);
  return RANGES.find((range) => range * range * terms <= EXACT_UP_TO[dtype]) ?? 0;
}

/** Holds the number formats of a program that uses several. */
export interface Formats {
  /** The format that the operands of the products are rounded to. */
  readonly operands: NumberFormat;
  /** The format of the products and of all sums. */
  readonly sums: NumberFormat;
  /** The format of C. */
  readonly result: NumberFormat;
}

/** Does the same as exactRange, with each intermediate result in its own format. */
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
 * Computes the growth in programs that compute every sum separately. A product is at most |u_r| |v_r| times its depth
 * (1-norms), and a block of C at most the sum of |w_xr| times that. Over several levels the factors are multiplied.
 */
export function temporariesGrowth(levels: readonly VerifiedFactorization[]): Growth {
  let growth = 1;
  for (const { size, rank, u, v, w } of levels) {
    const [lengthU, lengthV, lengthW] = modeLengths(size);
    if (![u, v, w].every(({ denominator }) => isPowerOfTwo(denominator))) return undefined;
    // Numerators suffice: dividing by the denominators afterwards only moves the binary point.
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

/**
 * Computes the growth in programs with common subexpressions. Every value on the way counts, as it may be larger than
 * the sums themselves.
 */
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

/** Computes how many times larger than an entry of A or of B a sum of such entries can get. */
export function operandGrowth(levels: readonly PackedLevel[]): Growth {
  let growth = 1;
  for (const { a, b } of levels) {
    if (![a, b].every(({ denominator }) => isPowerOfTwo(denominator))) return undefined;
    growth *= Math.max(...[a, b].map((split) => bounds(split, new Array(split.inputs).fill(1)).largest));
  }
  return growth;
}

/** Computes the 1-norm of row r. */
function norm(coefficients: Int32Array, r: number, length: number): number {
  return coefficients.subarray(r * length, (r + 1) * length).reduce((sum, x) => sum + Math.abs(x), 0);
}

/** Bounds the outputs of a program, and all its values, from the bounds of its inputs. */
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
