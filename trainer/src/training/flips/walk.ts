import {
  type Arithmetic,
  MODES,
  type Random,
  type Size,
  standard,
  type VerifiedFactorization,
  verify,
} from '@alphatensor-edge/shared';
import { beginDescent, patienceFor } from '../../explore/explorer.js';
import { extend, growthSizes } from '../../explore/grow.js';
import { isPackable, pack, unpack } from '../../explore/packed.js';
import type { PackedTerms } from '../../explore/packed-terms.js';

/**
 * The share of walks that begin with the standard algorithm, with the next smaller size and the standard algorithm beside it, or with a product
 * of two smaller ones.
 */
const FRESH = 0.25;

/** What a step counts at least, in flips: where no flip is possible, a walk must end too. */
const LEAST_SPENT = 1000;

/** Holds what a walk may begin with. */
export interface WalkStarts {
  /** The best that walks found of the size. */
  readonly walked: readonly VerifiedFactorization[];
  /** What games of the network found of the size. */
  readonly played: readonly VerifiedFactorization[];
  /** The best that walks found of the next smaller size. */
  readonly smaller: readonly VerifiedFactorization[];
  /** Products of the best that walks found of two smaller sizes. */
  readonly products: readonly VerifiedFactorization[];
}

/** Sets a walk. */
export interface WalkOptions {
  readonly size: Size;
  readonly arithmetic: Arithmetic;
  readonly starts: WalkStarts;
  /** It ends after about so many flips. */
  readonly flips: number;
  /** The most factorizations that it gives. */
  readonly most: number;
  readonly random: Random;
}

/** Holds what a walk came to. */
export interface Walked {
  readonly found: readonly VerifiedFactorization[];
  readonly flips: number;
  /** How many descents there were, and how many of them began with what a game found. */
  readonly descents: number;
  readonly fromGames: number;
}

/** Lists the sizes of a run's walks: from <2,2,2> up to its own, one dimension larger by one at a time. */
export function sizesOfWalks(size: Size): readonly Size[] {
  return growthSizes(size);
}

/** Tells whether walks take the size. */
export function isWalkable(size: Size): boolean {
  return isPackable(size);
}

/**
 * Walks in the flip graph from one of the starts, in this thread, and begins anew when it gets no lower. Every choice follows from
 * `random` and the number of flips, never from the time.
 */
export function walkFlips({ size, arithmetic, starts, flips, most, random }: WalkOptions): Walked {
  const found: PackedTerms[] = [];
  let done = 0;
  let spent = 0;
  let descents = 0;
  let fromGames = 0;
  while (spent < flips) {
    const start = chooseStart(size, arithmetic, starts, random);
    descents++;
    if (start.isFromGames) fromGames++;
    const descent = beginDescent(pack(start.factorization, arithmetic), {
      symmetry: 'none',
      arithmetic,
      round: descents,
      random,
    });
    found.push(descent.pick());
    do {
      const before = descent.flips;
      const terms = descent.advance();
      if (terms !== undefined) found.push(terms);
      done += descent.flips - before;
      spent += Math.max(descent.flips - before, LEAST_SPENT);
    } while (spent < flips && descent.sinceBest < patienceFor(size, 'none'));
  }
  const lowest = Math.min(...found.map(({ rank }) => rank));
  const chosen = random.shuffle(found.filter(({ rank }) => rank === lowest)).slice(0, most);
  return { found: chosen.map((terms) => unpack(terms, size, arithmetic)), flips: done, descents, fromGames };
}

function chooseStart(
  size: Size,
  arithmetic: Arithmetic,
  { walked, played, smaller, products }: WalkStarts,
  random: Random,
): { readonly factorization: VerifiedFactorization; readonly isFromGames: boolean } {
  const pick = (from: readonly VerifiedFactorization[]): VerifiedFactorization => from[random.int(from.length)];
  const usable = played.filter((factorization) => isWalkStart(factorization));
  const isFresh = (walked.length === 0 && usable.length === 0) || random.bernoulli(FRESH);
  if (isFresh) {
    if (products.length > 0 && random.bernoulli(0.5)) return { factorization: pick(products), isFromGames: false };
    const grown = smaller.length > 0 && random.bernoulli(0.5) ? grow(pick(smaller), size) : undefined;
    return { factorization: grown ?? verify({ ...standard(size), arithmetic }), isFromGames: false };
  }
  const isFromGames = usable.length > 0 && (walked.length === 0 || random.bernoulli(0.5));
  return { factorization: pick(isFromGames ? usable : walked), isFromGames };
}

function grow(smaller: VerifiedFactorization, size: Size): VerifiedFactorization | undefined {
  const larger = (['n', 'm', 'p'] as const).filter((dimension) => size[dimension] > smaller.size[dimension]);
  return larger.length === 1 ? extend(smaller, larger[0]) : undefined;
}

/** Tells whether walks can begin with the factorization: its entries are -1, 0 and 1. Games over a larger alphabet find others too. */
export function isWalkStart(factorization: VerifiedFactorization): boolean {
  return MODES.every(
    (mode) => factorization[mode].denominator === 1 && factorization[mode].coefficients.every((x) => Math.abs(x) <= 1),
  );
}
