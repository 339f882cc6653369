import type { Random } from '@alphatensor-edge/shared';
import type { PackedTerms } from './packed-terms.js';

const POOL_SIZE = 1000;

/** Keeps a uniform sample of the added factorizations of the lowest rank (reservoir sampling). */
export class BestPool {
  readonly #random: Random;
  #terms: PackedTerms[] = [];
  #bestRank = Number.POSITIVE_INFINITY;
  #seen = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Tells the lowest rank; Infinity while the pool is empty. */
  get bestRank(): number {
    return this.#bestRank;
  }

  pick(): PackedTerms {
    return this.#terms[this.#random.int(this.#terms.length)];
  }

  /** Adds a factorization and returns whether its rank is lower than all before. */
  add(terms: PackedTerms): boolean {
    if (terms.rank > this.#bestRank) return false;
    const isLower = terms.rank < this.#bestRank;
    if (isLower) {
      this.#bestRank = terms.rank;
      this.#terms = [];
      this.#seen = 0;
    }
    this.#seen++;
    if (this.#terms.length < POOL_SIZE) this.#terms.push(terms);
    else {
      const place = this.#random.int(this.#seen);
      if (place < POOL_SIZE) this.#terms[place] = terms;
    }
    return isLower;
  }
}
