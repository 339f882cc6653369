import { type Arithmetic, compose, type Random, type Size, sameSize, standard } from '@alphatensor-edge/shared';
import { BestPool } from './best-pool.js';
import { Descent, WALK_POLICY } from './descent.js';
import type { PackedTerms } from './flip-walk.js';
import { extend, growthSizes, productSize } from './grow.js';
import { pack, unpack } from './packed.js';

/**
 * Flips without a lower rank after which a descent is given up, for each n*m*p cubed: 0.6 million for 3x3x3, 8 million for 4x4x4,
 * 30 million for 4x5x5. It is multiplied by `luby`, so that some descents are patient.
 */
const PATIENCE = 30;
/** How often a new descent begins with the best of its size, not with a smaller one or with what the search began with. */
const FROM_BEST = 0.5;

export interface ExplorerOptions {
  readonly size: Size;
  readonly arithmetic: Arithmetic;
  /** Factorizations to begin with; none: grow from the standard algorithm of the smallest size (see grow.ts). */
  readonly starts: readonly PackedTerms[];
}

interface Level {
  readonly size: Size;
  /** The best of all descents. */
  readonly pool: BestPool;
  readonly patience: number;
}

/** A factorization of the wanted size; `isComposed` if it is the product of two that were found at smaller sizes. */
export interface Find {
  readonly terms: PackedTerms;
  readonly isComposed: boolean;
}

/**
 * One walker's whole search: descents at the wanted size, or through the smaller sizes up to it. A descent that gets no further is
 * followed by one that starts elsewhere, and what is best at each size is kept. Every choice follows from `random`.
 */
export class Explorer {
  readonly #levels: readonly Level[];
  readonly #starts: readonly PackedTerms[];
  /** Of the wanted size, lifted to the integers by someone. */
  readonly #lifted: BestPool;
  #level = 0;
  #descent: Descent;
  /** What the descent begins with, until `advance` has counted it. */
  #begun: PackedTerms | undefined;
  /** A product of lower rank than all before, until `advance` has told it; and the lowest rank of all. */
  #product: PackedTerms | undefined;
  #productRank = Number.POSITIVE_INFINITY;
  #round = 1;
  /** Of the descent. */
  #lowest = Number.POSITIVE_INFINITY;
  #earlierFlips = 0;

  constructor(
    private readonly options: ExplorerOptions,
    private readonly random: Random,
  ) {
    const { size, arithmetic, starts } = options;
    const sizes = starts.length > 0 ? [size] : growthSizes(size);
    this.#levels = sizes.map((each) => ({
      size: each,
      pool: new BestPool(random),
      patience: PATIENCE * (each.n * each.m * each.p) ** 3,
    }));
    this.#starts = starts.length > 0 ? starts : [pack(standard(sizes[0]), arithmetic)];
    this.#lifted = new BestPool(random);
    for (const start of starts) this.#wanted.pool.add(start);
    this.#descent = this.#begin(starts.length > 0 ? this.#wanted.pool.pick() : this.#starts[0]);
  }

  /** The size that is being searched now. */
  get size(): Size {
    return this.#levels[this.#level].size;
  }

  /** The lowest rank found for the wanted size; Infinity while there is none. */
  get bestRank(): number {
    return Math.min(this.#productRank, this.#wanted.pool.bestRank);
  }

  get flips(): number {
    return this.#earlierFlips + this.#descent.flips;
  }

  /** A few milliseconds of work. Returns a factorization of the wanted size, where a descent came lower than it was before. */
  advance(): Find | undefined {
    const { pool, patience } = this.#levels[this.#level];
    const isWanted = this.#level === this.#levels.length - 1;
    const terms = this.#begun ?? this.#descent.advance();
    this.#begun = undefined;
    if (terms !== undefined) pool.add(terms);
    const isLower = terms !== undefined && terms.rank < this.#lowest;
    if (isLower) this.#lowest = terms.rank;
    if (this.#descent.sinceBest >= patience * luby(this.#round)) {
      if (isWanted) this.#startAgain();
      else this.#grow(this.#descent.pick());
    }
    if (isWanted && isLower) return { terms, isComposed: false };
    const product = this.#product;
    this.#product = undefined;
    return product === undefined ? undefined : { terms: product, isComposed: true };
  }

  /**
   * Takes in a factorization of the wanted size from another walker, or one that was lifted to the integers; a later descent may
   * begin there.
   */
  adopt(terms: PackedTerms, isLifted = false): void {
    this.#wanted.pool.add(terms);
    if (isLifted) this.#lifted.add(terms);
  }

  get #wanted(): Level {
    return this.#levels[this.#levels.length - 1];
  }

  /** From a factorization of this size to the next larger one. */
  #grow(terms: PackedTerms): void {
    this.#compose();
    const { arithmetic } = this.options;
    const [{ size }, next] = [this.#levels[this.#level], this.#levels[this.#level + 1]];
    const dimension = (['n', 'm', 'p'] as const).find((each) => next.size[each] > size[each]);
    if (dimension === undefined) throw new Error('growthSizes gave a size that does not grow');
    this.#level++;
    this.#descent = this.#begin(pack(extend(unpack(terms, size, arithmetic), dimension), arithmetic));
  }

  /**
   * Where this size times a smaller one is the wanted size, the product of the best of both. Descents do not begin with it: it
   * hardly has flips.
   */
  #compose(): void {
    const { size, arithmetic } = this.options;
    const outer = this.#levels[this.#level];
    for (const inner of this.#levels.slice(0, this.#level + 1)) {
      if (!sameSize(productSize(outer.size, inner.size), size)) continue;
      if (outer.pool.bestRank * inner.pool.bestRank >= this.bestRank) continue;
      const [left, right] = [outer, inner].map((level) => unpack(level.pool.pick(), level.size, arithmetic));
      this.#product = pack(compose(left, right), arithmetic);
      this.#productRank = this.#product.rank;
    }
  }

  /** From the best of the wanted size, or of a smaller one, or from what the search began with. */
  #startAgain(): void {
    this.#round++;
    const smaller = this.#levels.length - 1;
    if (this.random.bernoulli(FROM_BEST)) this.#descent = this.#begin(this.#best().pick());
    else if (smaller === 0) this.#descent = this.#begin(this.#starts[this.random.int(this.#starts.length)]);
    else {
      // Rather a large size: the smallest come to their best at once.
      this.#level = Math.max(this.random.int(smaller), this.random.int(smaller));
      const terms = this.#levels[this.#level].pool.pick();
      if (this.random.bernoulli(FROM_BEST)) this.#descent = this.#begin(terms);
      else this.#grow(terms);
    }
  }

  /** What comes of one that was lifted can be lifted more often than what has only a lower rank, so both have their turns. */
  #best(): BestPool {
    const isAnyLifted = this.#lifted.bestRank < Number.POSITIVE_INFINITY;
    return isAnyLifted && this.random.bernoulli(0.5) ? this.#lifted : this.#wanted.pool;
  }

  #begin(start: PackedTerms): Descent {
    if (this.#descent !== undefined) this.#earlierFlips += this.#descent.flips;
    const policy = { ...WALK_POLICY, plusAfter: WALK_POLICY.plusAfter * luby(this.#round) };
    const descent = new Descent(start, this.options.arithmetic, this.random, policy);
    this.#begun = descent.pick();
    this.#lowest = Number.POSITIVE_INFINITY;
    return descent;
  }
}

/**
 * 1, 1, 2, 1, 1, 2, 4, 1, …: how long to try before starting again when nobody knows how long it takes (Luby, Sinclair &
 * Zuckerman, "Optimal speedup of Las Vegas algorithms", 1993).
 * @param i from 1
 */
export function luby(i: number): number {
  const power = 2 ** Math.floor(Math.log2(i + 1));
  return power === i + 1 ? power / 2 : luby(i + 1 - power);
}
