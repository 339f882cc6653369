import { type DispatchProblem, MAX_PROBLEM_DIMENSION } from '@alphatensor-edge/shared';
import type { DistinctProduct } from '../shapes/distinct-products.js';
import { LEAST_DIMENSION } from './combinations.js';

/** A product of a model, and whether it is tuned. */
export interface ModelProduct extends DistinctProduct {
  /** Null: it is not tuned, and keeps the baseline. */
  readonly problem: DispatchProblem | null;
  /** Why it is not tuned, a clause; '': it is. */
  readonly leftOut: string;
}

/** The least seconds of a problem, in which a few candidates can be compiled and timed. */
const LEAST_SECONDS = 20;

/**
 * Chooses which products of a model are tuned: those that an algorithm can make faster, the largest share of the arithmetic first, as many
 * as the time is long enough for.
 * @param products the largest share first
 * @param seconds undefined: as long as it takes
 */
export function modelProblems(
  products: readonly DistinctProduct[],
  { threads, seconds }: { readonly threads: number; readonly seconds: number | undefined },
): ModelProduct[] {
  let places = placesIn(seconds);
  return products.map((product): ModelProduct => {
    const { m, k, n, type } = product;
    const unfit = unfitFor(product);
    if (unfit !== undefined) return { ...product, problem: null, leftOut: unfit };
    if (places === 0) return { ...product, problem: null, leftOut: 'the budget is too short for it' };
    places--;
    return { ...product, problem: { m, k, n, dtype: type as DispatchProblem['dtype'], threads }, leftOut: '' };
  });
}

/** Gives how many problems a budget is long enough for, at least one. @param seconds undefined: as long as it takes */
export function placesIn(seconds: number | undefined): number {
  return seconds === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(seconds / LEAST_SECONDS));
}

/** Says why no algorithm can be measured for a product, a clause; undefined: one can. */
export function unfitFor({ m, k, n, type }: Pick<DistinctProduct, 'm' | 'k' | 'n' | 'type'>): string | undefined {
  if (type !== 'f32' && type !== 'f64') {
    return type === 'unknown' ? 'its number format is unknown' : `programs are made for f32 and f64, not for ${type}`;
  }
  const [smallest, largest] = [Math.min(m, k, n), Math.max(m, k, n)];
  if (smallest < LEAST_DIMENSION) return `${smallest} is too short for an algorithm, which needs ${LEAST_DIMENSION}`;
  return largest > MAX_PROBLEM_DIMENSION
    ? `${largest} is more than agents measure, ${MAX_PROBLEM_DIMENSION}`
    : undefined;
}
