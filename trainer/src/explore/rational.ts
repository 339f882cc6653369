import { type FactorMatrix, gcd, LIMITS } from '@alphatensor-edge/shared';

/**
 * Finds the fractions that numbers are modulo a power of a prime: for each x the a / b with b x = a modulo `modulus` and both a and b at
 * most sqrt(modulus / 2), which is unique (Wang, "A p-adic algorithm for univariate partial fractions", 1981).
 * @returns them over their common denominator; undefined if a number has no such fraction, or LIMITS are left
 */
export function reconstructRationals(numbers: ArrayLike<number>, modulus: number): FactorMatrix | undefined {
  const most = Math.floor(Math.sqrt(modulus / 2));
  const fractions: Fraction[] = [];
  let denominator = 1;
  for (let i = 0; i < numbers.length; i++) {
    const fraction = fractionOf(numbers[i], modulus, most);
    if (fraction === undefined) return undefined;
    fractions.push(fraction);
    denominator *= fraction.denominator / gcd(denominator, fraction.denominator);
    if (denominator > LIMITS.maxDenominator) return undefined;
  }
  const coefficients = Int32Array.from(fractions, (each) => each.numerator * (denominator / each.denominator));
  if (coefficients.some((x) => Math.abs(x) > LIMITS.maxCoefficient)) return undefined;
  return { coefficients, denominator };
}

interface Fraction {
  readonly numerator: number;
  readonly denominator: number;
}

/** Runs Euclid's algorithm until the remainder is at most `most`; then remainder = cofactor * x modulo `modulus`. */
function fractionOf(x: number, modulus: number, most: number): Fraction | undefined {
  let [before, remainder] = [modulus, ((x % modulus) + modulus) % modulus];
  let [cofactorBefore, cofactor] = [0, 1];
  while (remainder > most) {
    const quotient = Math.floor(before / remainder);
    [before, remainder] = [remainder, before - quotient * remainder];
    [cofactorBefore, cofactor] = [cofactor, cofactorBefore - quotient * cofactor];
  }
  if (Math.abs(cofactor) > most || gcd(remainder, cofactor) !== 1) return undefined;
  return { numerator: cofactor < 0 ? -remainder : remainder, denominator: Math.abs(cofactor) };
}
