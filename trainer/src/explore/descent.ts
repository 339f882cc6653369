import type { Random } from '@alphatensor-edge/shared';
import { BestPool } from './best-pool.js';
import type { PackedTerms } from './packed-terms.js';
import type { Walk } from './walk.js';

/** Sets when a walk goes up, and how far. */
interface WalkPolicy {
  /** A plus transition is taken after this many flips without a reduction. */
  readonly plusAfter: number;
  /** The rank stays at most this far above the lowest of the descent. */
  readonly margin: number;
  /**
   * Whether a walk that is stuck looks for dependent factors first, and whether half of its steps up are splits. A search at one size
   * does without, so that its seeds give the walks that they gave before.
   */
  readonly isThorough?: boolean | undefined;
}

export const WALK_POLICY: WalkPolicy = { plusAfter: 5_000, margin: 2 };
/** A symmetric walk goes up by three products at a time, and flips three pairs at once. */
export const CYCLIC_POLICY: WalkPolicy = { plusAfter: 4_000, margin: 6 };
/** With the reversal it goes up by six, and flips six pairs at once. */
export const SIX_FOLD_POLICY: WalkPolicy = { plusAfter: 4_000, margin: 12 };

/** Flips of one step: a few milliseconds. */
const STEP = 10_000;

/**
 * Walks down to low ranks. It reduces whenever it can. After a long time without a reduction it takes a plus transition; at its
 * upper bound it goes back to a factorization of its lowest rank instead (Arai, Ichikawa & Hukushima 2024).
 */
export class Descent {
  readonly #policy: WalkPolicy;
  readonly #walk: Walk;
  readonly #random: Random;
  readonly #pool: BestPool;
  #flips = 0;
  #sinceChange = 0;
  #sinceBest = 0;

  /** @param walk with room for the terms of the start and `policy.margin` more */
  constructor(start: PackedTerms, walk: Walk, random: Random, policy: WalkPolicy) {
    this.#policy = policy;
    this.#walk = walk;
    this.#random = random;
    this.#pool = new BestPool(random);
    this.#walk.load(start);
    this.#pool.add(this.#walk.terms());
  }

  get bestRank(): number {
    return this.#pool.bestRank;
  }

  get flips(): number {
    return this.#flips;
  }

  /** Counts the flips since the lowest rank was first reached. A step in which no flip was possible counts as a full one. */
  get sinceBest(): number {
    return this.#sinceBest;
  }

  /** Picks one of the factorizations of the lowest rank. */
  pick(): PackedTerms {
    return this.#pool.pick();
  }

  /** Walks on for a few milliseconds. Returns the factorization that it reached, if that has the lowest rank. */
  advance(): PackedTerms | undefined {
    const before = this.#walk.rank;
    const flips = this.#walk.walk(Math.min(STEP, this.#policy.plusAfter - this.#sinceChange));
    this.#flips += flips;
    this.#sinceChange += flips;
    this.#sinceBest += flips > 0 ? flips : STEP;
    if (this.#walk.rank === before && (flips === 0 || this.#sinceChange >= this.#policy.plusAfter)) this.#leave();
    if (this.#walk.rank !== before) this.#sinceChange = 0;
    if (this.#walk.rank >= before || this.#walk.rank > this.bestRank) return undefined;
    const terms = this.#walk.terms();
    if (this.#pool.add(terms)) this.#sinceBest = 0;
    return terms;
  }

  /** Leaves the place where the walk is stuck: up if the bound allows it, else back. */
  #leave(): void {
    this.#sinceChange = 0;
    const { isThorough = false, margin } = this.#policy;
    if (isThorough && this.#walk.reduceByDependence?.()) return;
    const mayRise = this.#walk.rank < this.bestRank + margin;
    if (!mayRise || !this.#rise(isThorough)) this.#walk.load(this.pick());
  }

  #rise(isThorough: boolean): boolean {
    const isSplit = isThorough && this.#walk.split !== undefined && this.#random.bernoulli(0.5);
    return isSplit ? (this.#walk.split?.() ?? false) : this.#walk.plus();
  }
}
