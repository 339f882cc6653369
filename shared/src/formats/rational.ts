import { AlphaTensorError } from '../errors.js';
import { type FactorMatrix, LIMITS, type Mode } from '../factorization.js';
import { gcd } from '../integers.js';

/** In lowest terms; the denominator is positive and both are safe integers. */
export interface Rational {
  readonly numerator: number;
  readonly denominator: number;
}

export const ZERO: Rational = { numerator: 0, denominator: 1 };

/** How exactly floats are written, and the denominators of those that are taken as they are because they are powers of two. */
export interface Precision {
  /** The largest error, relative where the value is above 1. */
  readonly rounding: number;
  readonly exactDenominator: number;
}

/**
 * Six digits, as people print, or a float32. Fractions with denominators up to 64 differ by at least 1/(64 * 63), so that only one is
 * meant; what slips through fails the exact reconstruction.
 */
const SIX_DIGITS: Precision = { rounding: 1e-6, exactDenominator: 1 << 15 };
/** A float16, with its 11 significant bits: 1/3 is 1365/4096 in it. */
export const HALF_PRECISION: Precision = { rounding: 2 ** -11, exactDenominator: 64 };
/** The largest error that is accepted of any value, so that a large one is not taken for another fraction. */
const MOST_ROUNDING = 1e-4;

/**
 * Reads a coefficient as a file writes it: a whole number, a decimal that stands for a fraction with a small denominator
 * (0.125, 0.333333), or text such as `-3`, `-1/2` or `0.5`.
 * @throws AlphaTensorError INVALID_ARGUMENT naming the value
 */
export function parseRational(value: unknown, precision = SIX_DIGITS): Rational {
  if (typeof value === 'number') return fromFloat(value, precision);
  if (typeof value === 'string') {
    const text = value.trim();
    const [isFraction, numerator, denominator] = text.match(/^([+-]?\d+)(?:\/(\d+))?$/) ?? [];
    if (isFraction !== undefined && Number(denominator ?? 1) !== 0) {
      return reduced(Number(numerator), Number(denominator ?? 1));
    }
    if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return fromFloat(Number(text), precision);
  }
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    `${typeof value === 'number' ? value : JSON.stringify(value)} is not a coefficient; write a whole number or a fraction such as "-1/2".`,
  );
}

function fromFloat(value: number, { rounding, exactDenominator }: Precision): Rational {
  // Most coefficients are zero, some of them -0.
  if (value === 0) return ZERO;
  if (Number.isSafeInteger(value)) return { numerator: value, denominator: 1 };
  if (Number.isSafeInteger(value * exactDenominator)) return reduced(value * exactDenominator, exactDenominator);
  const tolerance = Math.min(rounding * Math.max(1, Math.abs(value)), Math.max(rounding, MOST_ROUNDING));
  for (let denominator = 1; denominator <= 64; denominator++) {
    const numerator = Math.round(value * denominator);
    if (Math.abs(value * denominator - numerator) <= tolerance * denominator) return reduced(numerator, denominator);
  }
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    `The coefficient ${value} is not a fraction with a small denominator; only exact algorithms are read.`,
  );
}

export function add(a: Rational, b: Rational): Rational {
  return reduced(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);
}

export function multiply(a: Rational, b: Rational): Rational {
  return reduced(a.numerator * b.numerator, a.denominator * b.denominator);
}

/** Writes `-3` as a number, `-1/2` as text. */
export function formatRational(numerator: number, denominator: number): number | string {
  const lowest = reduced(numerator, denominator);
  return lowest.denominator === 1 ? lowest.numerator : `${lowest.numerator}/${lowest.denominator}`;
}

/**
 * Puts all rows over their least common denominator.
 * @throws AlphaTensorError INVALID_ARGUMENT if that leaves LIMITS
 */
export function toFactorMatrix(rows: readonly (readonly Rational[])[], mode: Mode): FactorMatrix {
  let denominator = 1;
  for (const row of rows) {
    for (const entry of row) {
      denominator *= entry.denominator / gcd(denominator, entry.denominator);
      if (denominator > LIMITS.maxDenominator) {
        throw new AlphaTensorError(
          'INVALID_ARGUMENT',
          `The fractions of ${mode} have no common denominator up to ${LIMITS.maxDenominator}.`,
          { field: mode },
        );
      }
    }
  }
  const length = rows[0]?.length ?? 0;
  const coefficients = new Int32Array(rows.length * length);
  rows.forEach((row, r) => {
    row.forEach((entry, i) => {
      const value = entry.numerator * (denominator / entry.denominator);
      if (Math.abs(value) > LIMITS.maxCoefficient) {
        throw new AlphaTensorError(
          'INVALID_ARGUMENT',
          `A coefficient of ${mode} is ${value} in size; at most ${LIMITS.maxCoefficient} is accepted.`,
          { field: mode },
        );
      }
      coefficients[r * length + i] = value;
    });
  });
  return { coefficients, denominator };
}

function reduced(numerator: number, denominator: number): Rational {
  if (!Number.isSafeInteger(numerator) || !Number.isSafeInteger(denominator)) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `The fraction ${numerator}/${denominator} is too large to be exact.`,
    );
  }
  if (numerator === 0) return ZERO;
  const divisor = gcd(numerator, denominator);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}
