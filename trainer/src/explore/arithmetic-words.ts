import { type Arithmetic, moduloWords } from '@alphatensor-edge/shared';

/** Says which coefficients are allowed: `modulo 2`. */
export function arithmeticWords(arithmetic: Arithmetic): string {
  return moduloWords(arithmetic) || 'with coefficients -1, 0 and 1';
}

/** Says what a factorization was lifted to. */
export function liftedWords(isInteger: boolean): string {
  return isInteger ? 'lifted to the integers' : 'lifted to the rationals, with fractions';
}
