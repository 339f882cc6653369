import type { Size } from '@alphatensor-edge/shared';
import type { CountedObjectives } from './front.js';

/** Tells how far the search of one algorithm is. */
export interface RefineProgress {
  /** From 0 to 1, of the time or of the chains. */
  readonly fraction: number;
  /** The least growth so far within the allowed nonzeros. */
  readonly growth: number;
  /** The least growth over the reals in the orbit of what was given. */
  readonly floor: number;
}

/** Holds what one agent measured of a point of the front. */
export interface RefinedMeasurement {
  readonly agent: string;
  /** Dimensions, number format and threads, in words. */
  readonly problem: string;
  /** Baseline's time over the candidate's, with its 95 % interval. */
  readonly speedup: { readonly estimate: number; readonly low: number; readonly high: number };
  /** Relative Frobenius errors of the candidate and of the baseline. */
  readonly relativeError: number;
  readonly baselineRelativeError: number;
}

/** Holds a point of the front. */
export interface RefinedFrontPoint extends CountedObjectives {
  readonly file: string;
  /** What agents measured, if any were named. */
  readonly measured?: readonly RefinedMeasurement[] | undefined;
}

/** Holds what came of one algorithm. */
export interface Refined {
  readonly from: string;
  readonly size: Size;
  readonly rank: number;
  readonly before: CountedObjectives;
  /** The least growth over the reals in the orbit of what was given. */
  readonly floor: number;
  /** The least growth within the allowed nonzeros, and the floor of the orbit that it lies in. */
  readonly best: CountedObjectives & { readonly floor: number };
  /** The points that no other beats in growth, nonzeros and additions, by falling growth. */
  readonly front: readonly RefinedFrontPoint[];
  /** Chains of all sessions. */
  readonly chains: number;
  /** Of the search of this session. */
  readonly seconds: number;
}
