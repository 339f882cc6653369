import { type Arithmetic, compose, type Random, type Size, sameSize, standard } from '@alphatensor-edge/shared';
import { BestPool } from './best-pool.js';
import { CyclicWalk } from './cyclic-walk.js';
import { CYCLIC_POLICY, Descent, SIX_FOLD_POLICY, WALK_POLICY } from './descent.js';
import { extend, growthSizes, productSize } from './grow.js';
import { createWalk, pack, unpack } from './packed.js';
import { type PackedTerms, widthOf } from './packed-terms.js';
import { PartWalk } from './part-walk.js';
import { StartChoice } from './start-choice.js';
import type { Symmetry } from './symmetry.js';
import type { Walk } from './walk.js';

/**
 * A descent is given up after this number, times (n*m*p)^3, of flips without a lower rank: 0.6 million for 3x3x3, 8 million for
 * 4x4x4, 30 million for 4x5x5. `luby` multiplies it, so that some descents are more patient.
 */
const PATIENCE = 30;
/** Share of new descents that begin with the best of the wanted size. The others begin with a smaller size or a start of the search. */
const FROM_BEST = 0.5;

/** Does the search of one walker, a few milliseconds at a time. */
export interface Search {
  /** The size that is searched now. */
  readonly size: Size;
  readonly flips: number;
  /** Works for a few milliseconds. Returns a factorization if a descent reached a lower rank than before. */
  advance(): Find | undefined;
  /** Takes in a factorization from another walker, or one that was lifted to the integers. A later descent may begin with it. */
  adopt(size: Size, terms: PackedTerms, isLifted?: boolean): void;
}

/**
 * Gives the flips without a lower rank after which a descent at this size is given up. A symmetric walk has a third, or a sixth, of the
 * flips to choose from, and each changes as many products.
 */
export function patienceFor({ n, m, p }: Size, symmetry: Symmetry): number {
  return (PATIENCE / ORDER[symmetry]) * (n * m * p) ** 3;
}

/** The number of elements of each symmetry's group. */
const ORDER: Readonly<Record<Symmetry, number>> = { none: 1, cyclic: 3, 'cyclic-reversal': 6 };

export interface ExplorerOptions {
  readonly size: Size;
  readonly arithmetic: Arithmetic;
  /** Factorizations to begin with. If empty, the search grows from the standard algorithm of the smallest size (see grow.ts). */
  readonly starts: readonly PackedTerms[];
}

interface Level {
  readonly size: Size;
  /** The best factorizations of all descents. */
  readonly pool: BestPool;
  readonly patience: number;
}

/** Holds a factorization of a size that is searched. `isComposed` says that it is the product of two that were found at smaller sizes. */
export interface Find {
  readonly size: Size;
  readonly terms: PackedTerms;
  readonly isComposed: boolean;
}

/**
 * Does the whole search of one walker: descents at the wanted size, or through the smaller sizes up to it. When a descent gets
 * no further, another one starts elsewhere. The best at each size are kept. Every choice follows from `random`.
 */
export class Explorer implements Search {
  readonly #options: ExplorerOptions;
  readonly #random: Random;
  readonly #levels: readonly Level[];
  readonly #starts: StartChoice<PackedTerms>;
  /** Whether the descent began with one of the starts. */
  #isFromStart = false;
  /** Factorizations of the wanted size that were lifted to the integers. */
  readonly #lifted: BestPool;
  #level = 0;
  #descent: Descent;
  /** The start of the descent, until `advance` has counted it. */
  #begun: PackedTerms | undefined;
  /** A product of lower rank than all before, until `advance` returns it; then the lowest rank of all products. */
  #product: PackedTerms | undefined;
  #productRank = Number.POSITIVE_INFINITY;
  #round = 1;
  /** The lowest rank of the descent. */
  #lowest = Number.POSITIVE_INFINITY;
  #earlierFlips = 0;

  constructor(options: ExplorerOptions, random: Random) {
    this.#options = options;
    this.#random = random;
    const { size, arithmetic, starts } = options;
    const sizes = starts.length > 0 ? [size] : growthSizes(size);
    this.#levels = sizes.map((each) => ({
      size: each,
      pool: new BestPool(random),
      patience: patienceFor(each, 'none'),
    }));
    const first = starts.length > 0 ? starts : [pack(standard(sizes[0]), arithmetic)];
    this.#starts = new StartChoice(first, random);
    this.#lifted = new BestPool(random);
    for (const start of starts) this.#wanted.pool.add(start);
    this.#descent = this.#begin(starts.length > 0 ? this.#wanted.pool.pick() : first[0]);
  }

  /** Tells the size that is searched now. */
  get size(): Size {
    return this.#levels[this.#level].size;
  }

  /** Tells the lowest rank found for the wanted size; Infinity while there is none. */
  get bestRank(): number {
    return Math.min(this.#productRank, this.#wanted.pool.bestRank);
  }

  get flips(): number {
    return this.#earlierFlips + this.#descent.flips;
  }

  /** Works for a few milliseconds. Returns a factorization of the wanted size if the descent reached a lower rank than before. */
  advance(): Find | undefined {
    const { pool, patience } = this.#levels[this.#level];
    const isWanted = this.#level === this.#levels.length - 1;
    const terms = this.#begun ?? this.#descent.advance();
    this.#begun = undefined;
    if (terms !== undefined) pool.add(terms);
    const isLower = terms !== undefined && terms.rank < this.#lowest;
    if (isLower) this.#lowest = terms.rank;
    if (isLower && this.#isFromStart) this.#starts.note(terms.rank);
    if (this.#descent.sinceBest >= patience * luby(this.#round)) {
      if (isWanted) this.#startAgain();
      else this.#grow(this.#descent.pick());
    }
    if (isWanted && isLower) return { size: this.#options.size, terms, isComposed: false };
    const product = this.#product;
    this.#product = undefined;
    return product === undefined ? undefined : { size: this.#options.size, terms: product, isComposed: true };
  }

  /**
   * Takes in a factorization of the wanted size from another walker, or one that was lifted to the integers. A later descent
   * may begin with it.
   */
  adopt(_size: Size, terms: PackedTerms, isLifted = false): void {
    this.#wanted.pool.add(terms);
    if (isLifted) this.#lifted.add(terms);
  }

  get #wanted(): Level {
    return this.#levels[this.#levels.length - 1];
  }

  /** Goes from a factorization of this size to the next larger size. */
  #grow(terms: PackedTerms): void {
    this.#compose();
    const { arithmetic } = this.#options;
    const [{ size }, next] = [this.#levels[this.#level], this.#levels[this.#level + 1]];
    const dimension = (['n', 'm', 'p'] as const).find((each) => next.size[each] > size[each]);
    if (dimension === undefined) throw new Error('growthSizes gave a size that does not grow');
    this.#level++;
    this.#descent = this.#begin(pack(extend(unpack(terms, size, arithmetic), dimension), arithmetic));
  }

  /**
   * Makes the product of the best of this size and of a smaller one, if their sizes multiply to the wanted size. Descents do not
   * begin with it, because it has hardly any flips.
   */
  #compose(): void {
    const { size, arithmetic } = this.#options;
    const outer = this.#levels[this.#level];
    for (const inner of this.#levels.slice(0, this.#level + 1)) {
      if (!sameSize(productSize(outer.size, inner.size), size)) continue;
      // Modulo 2 and 3 a product counts beside lower ranks that cannot be lifted.
      const { bestRank } = arithmetic === 'standard' ? this.#wanted.pool : this.#lifted;
      if (outer.pool.bestRank * inner.pool.bestRank >= Math.min(this.#productRank, bestRank)) continue;
      const [left, right] = [outer, inner].map((level) => unpack(level.pool.pick(), level.size, arithmetic));
      this.#product = pack(compose(left, right), arithmetic);
      this.#productRank = this.#product.rank;
    }
  }

  /** Starts a descent from the best of the wanted size, from the best of a smaller one, or from a start of the search. */
  #startAgain(): void {
    this.#round++;
    const smaller = this.#levels.length - 1;
    if (this.#random.bernoulli(FROM_BEST)) this.#descent = this.#begin(this.#best().pick());
    else if (smaller === 0) {
      this.#descent = this.#begin(this.#starts.pick());
      this.#isFromStart = true;
    } else {
      // Prefers a large size, because the smallest ones reach their best at once.
      this.#level = Math.max(this.#random.int(smaller), this.#random.int(smaller));
      const terms = this.#levels[this.#level].pool.pick();
      if (this.#random.bernoulli(FROM_BEST)) this.#descent = this.#begin(terms);
      else this.#grow(terms);
    }
  }

  /**
   * Takes turns between the lifted factorizations and those of the lowest rank. Descendants of a lifted one can be lifted more
   * often.
   */
  #best(): BestPool {
    const isAnyLifted = this.#lifted.bestRank < Number.POSITIVE_INFINITY;
    return isAnyLifted && this.#random.bernoulli(0.5) ? this.#lifted : this.#wanted.pool;
  }

  #begin(start: PackedTerms): Descent {
    if (this.#descent !== undefined) this.#earlierFlips += this.#descent.flips;
    const { arithmetic } = this.#options;
    const descent = beginDescent(start, { symmetry: 'none', arithmetic, round: this.#round, random: this.#random });
    this.#begun = descent.pick();
    this.#lowest = Number.POSITIVE_INFINITY;
    this.#isFromStart = false;
    return descent;
  }
}

interface DescentOptions {
  readonly symmetry: Symmetry;
  readonly arithmetic: Arithmetic;
  /** How many descents there were, from 1: some are more patient. */
  readonly round: number;
  readonly random: Random;
  /** See WalkPolicy; false if it is left out. */
  readonly isThorough?: boolean | undefined;
  /** Whether a part of the products stays (see PartWalk); not for symmetric walks. */
  readonly isPart?: boolean | undefined;
  /** The entries of a factor; only a walk with the reversal needs them. */
  readonly entries?: number | undefined;
}

/** Makes a descent of a new walk. */
export function beginDescent(
  start: PackedTerms,
  { symmetry, arithmetic, round, random, isThorough, entries = 0, isPart = false }: DescentOptions,
): Descent {
  const policy = { none: WALK_POLICY, cyclic: CYCLIC_POLICY, 'cyclic-reversal': SIX_FOLD_POLICY }[symmetry];
  const { plusAfter, margin } = policy;
  const [capacity, width, rarity] = [start.rank + margin, widthOf(start), luby(round)];
  const makeWalk = (): Walk => {
    if (symmetry !== 'none')
      return new CyclicWalk(capacity, random, width, symmetry === 'cyclic-reversal' ? entries : 0);
    const walk = createWalk(arithmetic, capacity, random, width);
    return isPart ? new PartWalk(walk, random) : walk;
  };
  return new Descent(start, makeWalk(), random, {
    // For symmetric walks, later steps up have shown no use.
    plusAfter: symmetry === 'none' ? plusAfter * rarity : plusAfter,
    ...{ margin, isThorough },
  });
}

/**
 * Computes the sequence 1, 1, 2, 1, 1, 2, 4, 1, …: how long to try before starting again if the time needed is unknown (Luby,
 * Sinclair & Zuckerman, "Optimal speedup of Las Vegas algorithms", 1993).
 * @param i from 1
 */
export function luby(i: number): number {
  const power = 2 ** Math.floor(Math.log2(i + 1));
  return power === i + 1 ? power / 2 : luby(i + 1 - power);
}
