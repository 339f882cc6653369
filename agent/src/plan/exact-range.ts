import { modeLengths, type VerifiedFactorization } from '@alphatensor-edge/shared';
import type { Summand } from './additions.js';
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
    const [left, right] = [a, b].map((split) => bounds(split, wholeInputs(split)));
    const products = left.outputs.map(({ size, grain }, r) => ({
      size: size * right.outputs[r].size,
      grain: grain * right.outputs[r].grain,
    }));
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
    growth *= Math.max(...[a, b].map((split) => bounds(split, wholeInputs(split)).largest));
  }
  return growth;
}

/** Computes the 1-norm of row r. */
function norm(coefficients: Int32Array, r: number, length: number): number {
  return coefficients.subarray(r * length, (r + 1) * length).reduce((sum, x) => sum + Math.abs(x), 0);
}

/** Bounds a value that is a multiple of `grain`, a power of two, and at most `size`. It takes size / grain of the numbers of a format. */
interface Bound {
  readonly size: number;
  readonly grain: number;
}

function wholeInputs({ inputs }: StraightLine): Bound[] {
  return Array.from({ length: inputs }, () => ({ size: 1, grain: 1 }));
}

/** Bounds the outputs of a program from its inputs, and gives the most numbers of a format that one of its values takes. */
function bounds(
  { steps, outputs }: StraightLine,
  inputs: readonly Bound[],
): { readonly outputs: Bound[]; readonly largest: number } {
  const values = [...inputs];
  const scaled = ({ source, coefficient }: Summand): Bound =>
    source < 0
      ? { size: 0, grain: 1 }
      : { size: Math.abs(coefficient) * values[source].size, grain: powerIn(coefficient) * values[source].grain };
  for (const { left, right } of steps) {
    const [one, other] = [scaled(left), scaled(right)];
    values.push({ size: one.size + other.size, grain: Math.min(one.grain, other.grain) });
  }
  const results = outputs.map(scaled);
  return { outputs: results, largest: Math.max(...[...values, ...results].map(({ size, grain }) => size / grain)) };
}

/** The power of two in a dyadic number; dividing by a power of two afterwards only moves the binary point. */
function powerIn(x: number): number {
  let power = 1;
  while (!Number.isInteger(x / power)) power /= 2;
  while (Number.isInteger(x / (2 * power))) power *= 2;
  return power;
}

function isPowerOfTwo(x: number): boolean {
  return Number.isInteger(Math.log2(x));
}
