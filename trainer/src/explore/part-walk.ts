import type { Random } from '@alphatensor-edge/shared';
import { type PackedTerms, widthOf } from './packed-terms.js';
import type { Walk } from './walk.js';

/** Share of the products that stay. */
const FIXED = 0.5;

/**
 * Walks with a part of the products only; the others stay as they are (a fixed part: Arai, Ichikawa & Hukushima 2024). A sum of products is
 * walked in like a whole tensor. Each `load` draws anew which products stay.
 */
export class PartWalk implements Walk {
  readonly #walk: Walk;
  readonly #random: Random;
  #fixed: PackedTerms = { rank: 0, words: new Int32Array(), signs: new Int8Array() };

  /** @param walk with room for the free products */
  constructor(walk: Walk, random: Random) {
    this.#walk = walk;
    this.#random = random;
  }

  get rank(): number {
    return this.#fixed.rank + this.#walk.rank;
  }

  load(terms: PackedTerms): void {
    const order = this.#random.shuffle(Array.from({ length: terms.rank }, (_, term) => term));
    const fixed = Math.floor(FIXED * terms.rank);
    this.#fixed = chosen(terms, order.slice(0, fixed));
    this.#walk.load(chosen(terms, order.slice(fixed)));
  }

  terms(): PackedTerms {
    return joined(this.#fixed, this.#walk.terms());
  }

  walk(limit: number): number {
    return this.#walk.walk(limit);
  }

  plus(): boolean {
    return this.#walk.plus();
  }

  split(): boolean {
    return this.#walk.split?.() ?? false;
  }

  reduceByDependence(): boolean {
    return this.#walk.reduceByDependence?.() ?? false;
  }
}

function chosen(terms: PackedTerms, indices: readonly number[]): PackedTerms {
  const length = 3 * widthOf(terms);
  const words = new Int32Array(length * indices.length);
  for (const [at, term] of indices.entries()) {
    words.set(terms.words.subarray(length * term, length * (term + 1)), length * at);
  }
  return { rank: indices.length, words, signs: Int8Array.from(indices, (term) => terms.signs[term]) };
}

function joined(first: PackedTerms, second: PackedTerms): PackedTerms {
  return {
    rank: first.rank + second.rank,
    words: Int32Array.from([...first.words, ...second.words]),
    signs: Int8Array.from([...first.signs, ...second.signs]),
  };
}
