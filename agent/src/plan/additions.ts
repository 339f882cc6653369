import type { FactorMatrix } from '@alphatensor-edge/shared';

/** One summand: `coefficient` times block or product number `source`. */
export interface Summand {
  readonly source: number;
  /** Never 0; an integer over the `denominator` of its Sums. */
  readonly coefficient: number;
}

/** Sums over common sources, all coefficients over one denominator. */
export interface Sums {
  readonly denominator: number;
  readonly sums: readonly (readonly Summand[])[];
}

/** Row r of a factor matrix as a sum over blocks: one sum for each of `rows`, the nonzero entries in order. */
export function sumsOverEntries(
  { coefficients, denominator }: FactorMatrix,
  rows: readonly number[],
  length: number,
): Sums {
  const sums = rows.map((r) => summands(length, (entry) => coefficients[r * length + entry]));
  return { denominator, sums };
}

/** Column x of a factor matrix as a sum over products: one sum for each of `entries`; product q is row rows[q]. */
export function sumsOverProducts(
  { coefficients, denominator }: FactorMatrix,
  rows: readonly number[],
  length: number,
  entries: readonly number[],
): Sums {
  const sums = entries.map((entry) => summands(rows.length, (q) => coefficients[rows[q] * length + entry]));
  return { denominator, sums };
}

/** Additions and subtractions of the sums as they stand, nothing shared. */
export function countAdditions({ sums }: Sums): number {
  return sums.reduce((count, sum) => count + Math.max(0, sum.length - 1), 0);
}

/** Summands in all. */
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
