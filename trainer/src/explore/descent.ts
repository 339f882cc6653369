import type { Arithmetic, Random } from '@alphatensor-edge/shared';
import { BestPool } from './best-pool.js';
import type { FlipWalk, PackedTerms } from './flip-walk.js';
import { createWalk } from './packed.js';

/** When a walk goes up, and how far. */
export interface WalkPolicy {
  /** Flips without a reduction after which a plus transition is taken. */
  readonly plusAfter: number;
  /** The rank stays at most this much above the lowest of the descent. */
  readonly margin: number;
}

export const WALK_POLICY: WalkPolicy = { plusAfter: 5_000, margin: 2 };

/** Flips of one step: a few milliseconds. */
const STEP = 10_000;

/**
 * One descent to low ranks: a walk that reduces whenever it can, takes a plus transition when it could not for long, and goes back
 * to a factorization of its lowest rank when it is at its upper bound and stuck (Arai, Ichikawa & Hukushima 2024).
 */
export class Descent {
  readonly #walk: FlipWalk;
  readonly #pool: BestPool;
  #flips = 0;
  #sinceChange = 0;
  #sinceBest = 0;

  constructor(
    start: PackedTerms,
    arithmetic: Arithmetic,
    random: Random,
    private readonly policy: WalkPolicy,
  ) {
    this.#walk = createWalk(arithmetic, start.rank + policy.margin, random);
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

  /** Flips since the lowest rank was first reached; a step without any counts as if it had been full of them. */
  get sinceBest(): number {
    return this.#sinceBest;
  }

  /** One of the factorizations of the lowest rank. */
  pick(): PackedTerms {
    return this.#pool.pick();
  }

  /** Walks on a little. Returns what it came down to, if that is of the lowest rank. */
  advance(): PackedTerms | undefined {
    const before = this.#walk.rank;
    const flips = this.#walk.walk(Math.min(STEP, this.policy.plusAfter - this.#sinceChange));
    this.#flips += flips;
    this.#sinceChange += flips;
    this.#sinceBest += flips > 0 ? flips : STEP;
    if (this.#walk.rank === before && (flips === 0 || this.#sinceChange >= this.policy.plusAfter)) this.#leave();
    if (this.#walk.rank !== before) this.#sinceChange = 0;
    if (this.#walk.rank >= before || this.#walk.rank > this.bestRank) return undefined;
    const terms = this.#walk.terms();
    if (this.#pool.add(terms)) this.#sinceBest = 0;
    return terms;
  }

  /** Away from where the walk is stuck: up if it may, else back. */
  #leave(): void {
    this.#sinceChange = 0;
    const mayRise = this.#walk.rank < this.bestRank + this.policy.margin;
    if (!mayRise || !this.#walk.plus()) this.#walk.load(this.pick());
  }
}
