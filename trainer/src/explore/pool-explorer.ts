import {
  type Arithmetic,
  compose,
  type Random,
  type Size,
  sameSize,
  sortedSize,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';
import { BestPool } from './best-pool.js';
import { DIMENSIONS } from './between-sizes.js';
import { CyclicChoice } from './cyclic-choice.js';
import { isCyclic } from './cyclic-orbits.js';
import { cyclicStarts } from './cyclic-starts.js';
import { derive, WAYS, type Way } from './derive.js';
import type { Descent } from './descent.js';
import { beginDescent, type Find, luby, patienceFor, type Search } from './explorer.js';
import { extend, productSize } from './grow.js';
import { pack, unpack } from './packed.js';
import type { PackedTerms } from './packed-terms.js';
import { randomImage } from './random-image.js';
import { StartChoice } from './start-choice.js';

/** Share of descents that begin with the best of their size. The others come from another size. */
const FROM_BEST = 0.5;
/** The same, once so many descents from the best came no lower: the place may have no way on. */
const FROM_STALE_BEST = 0.1;
const STALE_AFTER = 8;
/** Share of descents at a cubic size, modulo 2, that keep the symmetry under rotations. */
const CYCLIC = 0.5;
/** Share of symmetric descents that begin with the best of the next smaller cubic size, extended. */
const EXTENDED = 0.25;
/** Share of descents from the best, with coefficients -1, 0 and 1, that begin in another basis. */
const IMAGES = 0.5;
/** Share of descents from the best of their size where half of the products stay. They are given up four times as soon. */
const PARTS = 0.1;

/** Says how a pool divides its descents. */
interface Policy {
  /** Share of descents at the wanted size, if there is one. */
  readonly wanted: number;
  /**
   * Share of these that make a larger one anew, from which it is projected: other ones lead elsewhere. They are given up eight times as
   * soon: what is projected well comes down at once.
   */
  readonly renewed: number;
  /** Share of descents from other sizes in the way that has led to the lowest rank. The others go any way. */
  readonly bestWay: number;
  /** Whether some descents from other sizes are more patient. */
  readonly isPatient: boolean;
}

/** Where a search makes all by itself, sizes build on each other. */
const BY_ITSELF: Policy = { wanted: 0.5, renewed: 0, bestWay: 0, isPatient: true };
/** What is given leads down, each time elsewhere: many short descents are better than patient ones. */
const FROM_GIVEN: Policy = { wanted: 0.8, renewed: 0.25, bestWay: 0.8, isPatient: false };

/** Flips without a lower rank after which a descent of a small size is given up. */
const LEAST_PATIENCE = 100_000;

export interface PoolOptions {
  /** The sizes of the pool, dimensions rising. */
  readonly sizes: readonly Size[];
  /** The size that gets half of the time; undefined: all alike. */
  readonly wanted?: Size | undefined;
  readonly arithmetic: Arithmetic;
  /** Factorizations to begin with, each of a size of the pool. */
  readonly starts: readonly { readonly size: Size; readonly terms: PackedTerms }[];
}

interface Level {
  readonly size: Size;
  /** The best factorizations of all descents. */
  readonly pool: BestPool;
  /** One of each descent that came to the lowest rank, so that a long one does not outnumber the others. */
  readonly ofDescents: BestPool;
  /** Those that were lifted to the integers. */
  readonly lifted: BestPool;
  /** The ways to make it from other sizes. */
  readonly ways: StartChoice<Way>;
  /** Those that rotations leave as they are, and where their walks begin; only for cubic sizes modulo 2. */
  readonly cyclic: CyclicChoice | undefined;
  productRank: number;
  /** Descents from the best since the lowest rank fell. */
  tries: number;
  /** Descents begun here, and their flips. */
  rounds: number;
  flips: number;
}

/**
 * Does the search of one walker in one pool over many sizes. A descent begins with the best of its size, or with what the best of
 * other sizes give: larger ones, projected; smaller ones, merged (see derive.ts). At cubic sizes modulo 2 it may keep the
 * symmetry under rotations. Sizes are searched once from small to large,
 * then the one that had the fewest flips for its n m p. Every choice follows from `random`.
 */
export class PoolExplorer implements Search {
  readonly #options: PoolOptions;
  readonly #policy: Policy;
  readonly #random: Random;
  readonly #levels: readonly Level[];
  /** Levels that were not searched yet, smallest first. */
  readonly #due: Level[];
  #level: Level;
  #descent: Descent;
  #isCyclic = false;
  /** Whether the descent began with what other sizes gave. */
  #isDerived = false;
  /** Whether the descent makes a larger size anew. */
  #isRenewal = false;
  #patience = 0;
  /** The start of the descent, until `advance` has counted it. */
  #begun: PackedTerms | undefined;
  #lowest = Number.POSITIVE_INFINITY;
  #earlierFlips = 0;
  /** Products of two factorizations, until `advance` returns them. */
  readonly #products: Find[] = [];

  constructor(options: PoolOptions, random: Random) {
    this.#options = options;
    this.#policy = options.starts.length > 0 ? FROM_GIVEN : BY_ITSELF;
    this.#random = random;
    const isBinary = options.arithmetic === 'modulo-2';
    this.#levels = [...options.sizes]
      .sort((a, b) => volume(a) - volume(b))
      .map((size) => ({
        size,
        pool: new BestPool(random),
        ofDescents: new BestPool(random),
        lifted: new BestPool(random),
        ways: new StartChoice(WAYS, random, this.#policy.bestWay),
        cyclic: isBinary && size.n === size.p ? new CyclicChoice(cyclicStarts(size), random) : undefined,
        productRank: Number.POSITIVE_INFINITY,
        tries: 0,
        rounds: 0,
        flips: 0,
      }));
    for (const { size, terms } of options.starts) {
      const level = this.#levelOf(size);
      level?.pool.add(terms);
      level?.ofDescents.add(terms);
      if (level?.cyclic !== undefined && isCyclic(terms)) level.cyclic.add(terms);
    }
    const isDue = (level: Level): boolean => level.pool.bestRank === Number.POSITIVE_INFINITY;
    this.#due = this.#levels.filter(isDue);
    // What is given may lead to the wanted size at once, or in two steps.
    const wanted = options.wanted && this.#levelOf(options.wanted);
    if (options.starts.length > 0 && wanted !== undefined && isDue(wanted)) {
      const larger = this.#largerThan(wanted.size);
      this.#due.unshift(...(larger !== undefined && isDue(larger) ? [larger, wanted] : [wanted]));
    }
    this.#level = this.#levels[0];
    this.#descent = this.#next();
  }

  get size(): Size {
    return this.#level.size;
  }

  get flips(): number {
    return this.#earlierFlips + this.#descent.flips;
  }

  advance(): Find | undefined {
    const { size, pool, cyclic, ways } = this.#level;
    const terms = this.#begun ?? this.#descent.advance();
    this.#begun = undefined;
    if (terms !== undefined) {
      if (pool.add(terms)) this.#level.tries = 0;
      if (this.#isCyclic) cyclic?.add(terms);
    }
    const isLower = terms !== undefined && terms.rank < this.#lowest;
    if (isLower) {
      this.#lowest = terms.rank;
      if (this.#isCyclic) cyclic?.note(terms.rank);
      else if (this.#isDerived) ways.note(terms.rank);
    }
    if (this.#descent.sinceBest >= this.#patience) {
      this.#level.ofDescents.add(this.#descent.pick());
      this.#descent = this.#next();
    }
    return isLower ? { size, terms, isComposed: false } : this.#products.pop();
  }

  adopt(size: Size, terms: PackedTerms, isLifted = false): void {
    const level = this.#levelOf(size);
    if (level?.pool.add(terms)) level.tries = 0;
    level?.ofDescents.add(terms);
    if (isLifted) level?.lifted.add(terms);
  }

  #levelOf(size: Size): Level | undefined {
    return this.#levels.find((level) => sameSize(level.size, size));
  }

  /** Begins the next descent: at a size that was not searched yet, at the wanted one, or at any. */
  #next(): Descent {
    this.#compose();
    const { wanted } = this.#options;
    // The wanted size is reached in its turn, and from then on it does not wait for the others.
    const isReached = wanted !== undefined && (this.#levelOf(wanted)?.rounds ?? 0) > 0;
    const isForWanted = isReached && this.#random.bernoulli(this.#policy.wanted);
    const due = isForWanted ? undefined : this.#due.shift();
    if (this.#descent !== undefined) this.#level.flips += this.#descent.flips;
    const renewed = isForWanted && this.#random.bernoulli(this.#policy.renewed) ? this.#largerThan(wanted) : undefined;
    this.#isRenewal = renewed !== undefined;
    this.#level = due ?? renewed ?? (isForWanted ? this.#levelOf(wanted) : undefined) ?? this.#leastSearched();
    const { size, pool, cyclic } = this.#level;
    this.#level.rounds++;
    if (this.#descent !== undefined) this.#earlierFlips += this.#descent.flips;
    const isKnown = pool.bestRank < Number.POSITIVE_INFINITY;
    // All builds on the smallest size, where a symmetric descent may be in a family that does not come to its rank.
    const isFirst = this.#level === this.#levels[0] && this.#level.rounds === 1;
    const mayBeCyclic = cyclic !== undefined && !this.#isRenewal && !isFirst;
    this.#isCyclic = mayBeCyclic && this.#random.bernoulli(CYCLIC);
    const symmetry = this.#isCyclic ? 'cyclic' : 'none';
    const isPart = !this.#isCyclic && !this.#isRenewal && isKnown && this.#random.bernoulli(PARTS);
    const isSymmetric = cyclic !== undefined && this.#isCyclic;
    this.#isDerived = false;
    const start = isPart ? pool.pick() : isSymmetric ? this.#cyclicStart(size, cyclic) : this.#start(this.#level);
    const round = this.#isDerived && !this.#policy.isPatient ? 1 : this.#level.rounds;
    const patience = Math.max(LEAST_PATIENCE, patienceFor(size, symmetry)) * luby(round);
    this.#patience = isPart ? patience / 4 : this.#isRenewal ? patience / 8 : patience;
    const descent = beginDescent(start, {
      ...{ symmetry, arithmetic: this.#options.arithmetic, round },
      random: this.#random,
      isThorough: true,
      isPart,
    });
    this.#begun = descent.pick();
    this.#lowest = Number.POSITIVE_INFINITY;
    return descent;
  }

  /** Finds a level that is larger by one in a dimension, and for which one larger than that is known; undefined if there is none. */
  #largerThan(size: Size): Level | undefined {
    const isLarger = (than: Size, level: Level): boolean =>
      DIMENSIONS.some((each) => sameSize(level.size, sortedSize({ ...than, [each]: than[each] + 1 })));
    const isKnown = ({ pool }: Level): boolean => pool.bestRank < Number.POSITIVE_INFINITY;
    const larger = this.#levels.filter(
      (level) => isLarger(size, level) && this.#levels.some((other) => isLarger(level.size, other) && isKnown(other)),
    );
    return larger[this.#random.int(Math.max(1, larger.length))];
  }

  /** Finds the level with the fewest flips for the entries of its product, n m p. */
  #leastSearched(): Level {
    return this.#levels.reduce((least, level) =>
      level.flips / volume(level.size) < least.flips / volume(least.size) ? level : least,
    );
  }

  #start(level: Level): PackedTerms {
    const { size, pool, lifted, ways } = level;
    const isKnown = !this.#isRenewal && pool.bestRank < Number.POSITIVE_INFINITY;
    if (isKnown && this.#random.bernoulli(level.tries < STALE_AFTER ? FROM_BEST : FROM_STALE_BEST)) {
      level.tries++;
      const isAnyLifted = lifted.bestRank < Number.POSITIVE_INFINITY;
      const terms = isAnyLifted && this.#random.bernoulli(0.5) ? lifted.pick() : pool.pick();
      return this.#options.arithmetic === 'standard' ? this.#inOtherBasis(terms, size) : terms;
    }
    const { arithmetic } = this.#options;
    const given = (of: Size): VerifiedFactorization | undefined => this.#pickAt(of);
    this.#isDerived = true;
    return pack(derive(size, { arithmetic, given, random: this.#random }, ways.pick()), arithmetic);
  }

  /** Gives the same algorithm in another basis, sometimes: with coefficients -1, 0 and 1 other flips can be represented there. */
  #inOtherBasis(terms: PackedTerms, size: Size): PackedTerms {
    if (!this.#random.bernoulli(IMAGES)) return terms;
    return pack(randomImage(unpack(terms, size, 'standard'), DIMENSIONS, this.#random), 'standard');
  }

  /** Picks one of the best of a size with the same dimensions; undefined if there is none. */
  #pickAt(size: Size): VerifiedFactorization | undefined {
    const level = this.#levelOf(sortedSize(size));
    if (level === undefined || level.pool.bestRank === Number.POSITIVE_INFINITY) return undefined;
    const { pool, ofDescents } = level;
    // Where nothing is renewed, all that a descent came to is worth going on from.
    const from = this.#policy.renewed > 0 && ofDescents.bestRank === pool.bestRank ? ofDescents : pool;
    return unpack(from.pick(), level.size, this.#options.arithmetic);
  }

  #cyclicStart(size: Size, cyclic: CyclicChoice): PackedTerms {
    const smaller = this.#levelOf({ n: size.n - 1, m: size.m - 1, p: size.p - 1 });
    const isAny = smaller?.cyclic !== undefined && smaller.cyclic.bestRank < Number.POSITIVE_INFINITY;
    if (!isAny || !this.#random.bernoulli(EXTENDED)) return cyclic.pick();
    const from = unpack(smaller.cyclic.pickBest(), smaller.size, 'modulo-2');
    return pack(extend(extend(extend(from, 'n'), 'm'), 'p'), 'modulo-2');
  }

  /** Makes the products of the best of two sizes, where they have a lower rank. No descent begins with them: they have hardly any flips. */
  #compose(): void {
    for (const outer of this.#levels) {
      for (const inner of this.#levels) {
        const level = this.#levelOf(productSize(outer.size, inner.size));
        if (level === undefined) continue;
        const rank = outer.pool.bestRank * inner.pool.bestRank;
        // Modulo 2 and 3 a product counts beside lower ranks that cannot be lifted.
        const { bestRank } = this.#options.arithmetic === 'standard' ? level.pool : level.lifted;
        if (!(rank < Math.min(level.productRank, bestRank))) continue;
        const [left, right] = [this.#pickAt(outer.size), this.#pickAt(inner.size)];
        if (left === undefined || right === undefined) continue;
        level.productRank = rank;
        const terms = pack(compose(left, right), this.#options.arithmetic);
        this.#products.push({ size: level.size, terms, isComposed: true });
      }
    }
  }
}

function volume({ n, m, p }: Size): number {
  return n * m * p;
}
