import type { Dimensions } from '../../agent/src/plan/plan.js';
import {
  compose,
  laderman,
  loadFactorization,
  standard,
  strassen,
  type VerifiedFactorization,
  verify,
  winograd,
} from '../../shared/src/index.js';
import { dataPath } from './data.js';

// What every way of building a program is tried on.

/** One of each kind of trouble: ones, primes, tall, flat, deep, less than one block a level, exactly whole blocks. */
export const SHAPES: readonly Dimensions[] = [
  { m: 1, k: 1, n: 1 },
  { m: 2, k: 3, n: 5 },
  { m: 7, k: 13, n: 11 },
  { m: 97, k: 2, n: 3 },
  { m: 1, k: 5, n: 131 },
  { m: 3, k: 149, n: 2 },
  { m: 16, k: 24, n: 32 },
  { m: 19, k: 8, n: 1100 },
];

/** The same algorithm with its scale spread over fractions: exact with a power of two, within rounding with thirds. */
export function withDenominator(factorization: VerifiedFactorization, denominator: number): VerifiedFactorization {
  const { u, w } = factorization;
  return verify({
    ...factorization,
    u: { ...u, denominator: u.denominator * denominator },
    w: { ...w, coefficients: w.coefficients.map((x) => x * denominator) },
  });
}

/** Strassen's algorithm in bases with thirds, which no other scale of its products makes whole: row 0 of A takes a third of row 1. */
export function strassenInThirds(): VerifiedFactorization {
  const { u, w, ...rest } = strassen();
  const thirds = (coefficients: Int32Array, to: (at: number) => boolean, from: number, sign: number) => ({
    coefficients: coefficients.map((x, at) => 3 * x + (to(at) ? sign * coefficients[at + from] : 0)),
    denominator: 3,
  });
  return verify({
    ...rest,
    // u is n x m, row by row; w is p x n.
    u: thirds(u.coefficients, (at) => at % 4 < 2, 2, 1),
    w: thirds(w.coefficients, (at) => at % 2 === 1, -1, -1),
  });
}

export interface ConformanceCase {
  readonly name: string;
  readonly levels: () => VerifiedFactorization[] | Promise<VerifiedFactorization[]>;
  readonly fromData?: true;
  readonly threads?: number;
  /** Also with the second compiler: the sources are the same, so that a few programs of it will do. */
  readonly everyCompiler?: true;
  /** All its levels as one straight-line code take a compiler half a minute. */
  readonly long?: true;
}

export const CASES: readonly ConformanceCase[] = [
  { name: 'one block', everyCompiler: true, levels: () => [standard({ n: 1, m: 1, p: 1 })] },
  { name: 'standard <2,3,4>', levels: () => [standard({ n: 2, m: 3, p: 4 })] },
  { name: 'Strassen', levels: () => [strassen()] },
  { name: 'Strassen twice', everyCompiler: true, levels: () => [strassen(), strassen()] },
  { name: 'Strassen twice on two threads', levels: () => [strassen(), strassen()], threads: 2 },
  { name: 'Winograd composed with itself', levels: () => [compose(winograd(), winograd())] },
  { name: 'Winograd over Laderman, in steps', everyCompiler: true, long: true, levels: () => [winograd(), laderman()] },
  { name: 'Winograd with halves', levels: () => [withDenominator(winograd(), 2)] },
  { name: 'Strassen with thirds', everyCompiler: true, levels: () => [withDenominator(strassen(), 3)] },
  { name: 'Strassen in bases with thirds', everyCompiler: true, levels: () => [strassenInThirds()] },
  {
    name: 'evenpow, with halves and quarters, twice',
    fromData: true,
    everyCompiler: true,
    levels: async () => {
      const { factorization } = await loadFactorization(dataPath('accurate', '2x2x2_m7_evenpow.json'));
      return [factorization, factorization];
    },
  },
  {
    name: '<2,2,3;11> over standard <3,2,1>',
    fromData: true,
    levels: async () => {
      const file = dataPath('fast-matrix-multiplication', '2x2x3_m11_cr20_cn20_ZT_reduced.json');
      return [(await loadFactorization(file)).factorization, standard({ n: 3, m: 2, p: 1 })];
    },
  },
];
