import type { Dimensions } from './plan.js';
import { type LevelCoefficients, timesTouched } from './step-groups.js';

/** Holds something for each of the three matrices. */
export interface OfMatrices {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** Describes how a packed program goes over a problem, as far as its traffic depends on it. */
interface Packing {
  readonly problem: Dimensions;
  /** Dimensions of one block product. */
  readonly block: Dimensions;
  /** Number of innermost products. */
  readonly products: number;
  /** How often each matrix is touched; see `timesTouchedBy`. */
  readonly touches: OfMatrices;
  /** The parts that the rows and the columns of a block are packed in. */
  readonly rowSlabs: number;
  readonly columnSlabs: number;
}

/** Tells how often groups of so many steps touch each matrix. Without an outer level there is one step, which touches all once. */
export function timesTouchedBy(outer: LevelCoefficients | undefined, steps: number): OfMatrices {
  if (outer === undefined) return { a: 1, b: 1, c: 1 };
  return {
    a: timesTouched(outer.a, steps),
    b: timesTouched(outer.b, steps),
    c: timesTouched(outer.c, steps),
  };
}

/**
 * Estimates the elements that packing A and B reads and writes, and those of C that are read and written, as at_traffic of
 * native/packed/layout.h does. The products themselves, which mostly stay in the caches, are not in it.
 */
export function packingTraffic({ problem, block, products, touches, rowSlabs, columnSlabs }: Packing): OfMatrices {
  const a = touches.a * (problem.m * problem.k) + products * (block.m * block.k);
  const b = touches.b * (problem.k * problem.n) + products * (block.k * block.n);
  const c = (2 * touches.c - 1) * (problem.m * problem.n);
  const timesPacked = (staying: number, slabs: number): number =>
    slabs === 1 ? 1 : 1 + (staying - 1) * (1 - 1 / slabs);
  const bAgain = b * timesPacked(rowSlabs, columnSlabs);
  const aAgain = a * timesPacked(columnSlabs, rowSlabs);
  return a + bAgain <= b + aAgain ? { a, b: bAgain, c } : { a: aAgain, b, c };
}
