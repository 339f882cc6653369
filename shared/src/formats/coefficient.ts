import { AlphaTensorError } from '../errors.js';
import { add, multiply, parseRational, type Rational, ZERO } from './rational.js';

/** A coefficient of the Gaussian rationals, re + im i. Most files have real ones, whose `im` is zero. */
export interface Coefficient {
  readonly re: Rational;
  readonly im: Rational;
}

export const NO_COEFFICIENT: Coefficient = { re: ZERO, im: ZERO };

export const ONE_COEFFICIENT: Coefficient = { re: { numerator: 1, denominator: 1 }, im: ZERO };

const NUMBER = String.raw`(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?(?:\/\d+)?`;
/** What Mathematica, Maple and Python write: `1/2+I/2`, `-0.5j`, `3*I`, `(1+2j)`. */
const COMPLEX = new RegExp(
  String.raw`^(?:([-+]?${NUMBER})(?=[-+]))?([-+]?)(?:(${NUMBER})\*?)?[ij](?:\*(${NUMBER}))?(?:\/(\d+))?$`,
  'i',
);

/**
 * Reads a coefficient: what parseRational reads, complex text, or an object {"re", "im"}.
 * @throws AlphaTensorError INVALID_ARGUMENT naming the value
 */
export function parseCoefficient(value: unknown): Coefficient {
  if (value === 0) return NO_COEFFICIENT;
  if (typeof value === 'object' && value !== null && 're' in value && 'im' in value) {
    return { re: parseRational(value.re), im: parseRational(value.im) };
  }
  if (typeof value === 'string' && /[ij]/i.test(value) && !/inf/i.test(value)) return parseComplex(value);
  return real(parseRational(value));
}

export function real(re: Rational): Coefficient {
  return re.numerator === 0 ? NO_COEFFICIENT : { re, im: ZERO };
}

export function isReal({ im }: Coefficient): boolean {
  return im.numerator === 0;
}

export function addCoefficients(x: Coefficient, y: Coefficient): Coefficient {
  return { re: add(x.re, y.re), im: add(x.im, y.im) };
}

export function multiplyCoefficients(x: Coefficient, y: Coefficient): Coefficient {
  const negative = multiply(x.im, { numerator: -y.im.numerator, denominator: y.im.denominator });
  return { re: add(multiply(x.re, y.re), negative), im: add(multiply(x.re, y.im), multiply(x.im, y.re)) };
}

function parseComplex(text: string): Coefficient {
  const [match, re, sign, before, after, divisor] =
    realFirst(text.replace(/\s+/g, '').replace(/^\((.*)\)$/, '$1')).match(COMPLEX) ?? [];
  if (match === undefined || (before !== undefined && after !== undefined)) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `${JSON.stringify(text)} is not a coefficient; write a complex one such as "1/2-3/2i".`,
    );
  }
  const size = parseRational(before ?? after ?? 1);
  const numerator = sign === '-' ? -size.numerator : size.numerator;
  const denominator = size.denominator * Number(divisor ?? 1);
  return { re: parseRational(re ?? 0), im: parseRational(`${numerator}/${denominator}`) };
}

/** Puts the real part first where it comes after the imaginary one: `2*I+1`. */
function realFirst(text: string): string {
  const [match, imaginary, re] = text.match(/^(.*[ij](?:[*/][\d./]+)?)([-+][\d./]+)$/i) ?? [];
  return match === undefined ? text : `${re}${/^[-+]/.test(imaginary) ? '' : '+'}${imaginary}`;
}
