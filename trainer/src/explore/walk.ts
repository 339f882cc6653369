import type { PackedTerms } from './packed-terms.js';

/** Walks at random among factorizations of one tensor. */
export interface Walk {
  /** The number of products. */
  readonly rank: number;
  /** Puts the walk on another factorization and reduces it as far as it goes. */
  load(terms: PackedTerms): void;
  /** Reads the factorization that the walk is on. */
  terms(): PackedTerms;
  /** Takes up to `limit` random flips and returns how many it took. Stops early if the rank falls or no flip exists. */
  walk(limit: number): number;
  /** Takes a step to a higher rank. Returns whether there was one. */
  plus(): boolean;
  /** Takes a step of another kind to a higher rank, where a walk has one. Returns whether there was one. */
  split?(): boolean;
  /** Looks for a lower rank that flips do not find at once, where a walk can. Returns whether the rank fell. */
  reduceByDependence?(): boolean;
}
