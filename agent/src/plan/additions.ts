import type { FactorMatrix } from '@alphatensor-edge/shared';

/** Holds one summand: `coefficient` times the block or product with the number `source`. */
export interface Summand {
  readonly source: number;
  /** Never 0. An integer over the `denominator` of the Sums it belongs to. */
  readonly coefficient: number;
}

/** Holds sums over the same sources. All coefficients have one denominator. */
export interface Sums {
  readonly denominator: number;
  readonly sums: readonly (readonly Summand[])[];
}

/** Gives rows of a factor matrix as sums over blocks: one sum for each of `rows`, with the nonzero entries in order. */
export function sumsOverEntries(
  { coefficients, denominator }: FactorMatrix,
  rows: readonly number[],
  length: number,
): Sums {
  const sums = rows.map((r) => summands(length, (entry) => coefficients[r * length + entry]));
  return { denominator, sums };
}

/** Gives columns of a factor matrix as sums over products: one sum for each of `entries`. Product q is row rows[q]. */
export function sumsOverProducts(
  { coefficients, denominator }: FactorMatrix,
  rows: readonly number[],
  length: number,
  entries: readonly number[],
): Sums {
  const sums = entries.map((entry) => summands(rows.length, (q) => coefficients[rows[q] * length + entry]));
  return { denominator, sums };
}

/** Counts the additions and subtractions of the sums as they are written, without sharing any. */
export function countAdditions({ sums }: Sums): number {
  return sums.reduce((count, sum) => count + Math.max(0, sum.length - 1), 0);
}

/** Counts the summands of all sums. */
export function countSummands({ sums }: Sums): number {
  return sums.reduce((count, sum) => count + sum.length, 0);
}

function summands(count: number, coefficientOf: (source: number) => number): Summand[] {
  const result: Summand[] = [];
  for (let source = 0; source < count; source++) {
    const coefficient = coefficientOf(source);
    if (coefficient !== 0) result.push({ source, coefficient });
  }
  return result;
}
