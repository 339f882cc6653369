import type { Size } from '@alphatensor-edge/shared';
import type { Objectives } from './front.js';

/** Tells how far the search of one algorithm is. */
export interface RefineProgress {
  /** From 0 to 1, of the time or of the chains. */
  readonly fraction: number;
  /** The least growth so far within the allowed nonzeros. */
  readonly growth: number;
  /** The least growth over the reals in the orbit of what was given. */
  readonly floor: number;
}

/** Holds what came of one algorithm. */
export interface Refined {
  readonly from: string;
  readonly size: Size;
  readonly rank: number;
  readonly before: Objectives;
  /** The least growth over the reals in the orbit of what was given. */
  readonly floor: number;
  /** The least growth within the allowed nonzeros, and the floor of the orbit that it lies in. */
  readonly best: Objectives & { readonly floor: number };
  readonly front: readonly (Objectives & { readonly file: string })[];
  /** Chains of all sessions. */
  readonly chains: number;
  /** Of this session. */
  readonly seconds: number;
}
