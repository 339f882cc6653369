import { type Arithmetic, modeLengths, type Random, type Size } from '@alphatensor-edge/shared';
import { CyclicChoice } from './cyclic-choice.js';
import type { Descent } from './descent.js';
import { beginDescent, type Find, luby, patienceFor, type Search } from './explorer.js';
import type { PackedTerms } from './packed-terms.js';
import type { Symmetry } from './symmetry.js';

export interface CyclicOptions {
  /** n, n, n */
  readonly size: Size;
  readonly symmetry: Exclude<Symmetry, 'none'>;
  readonly arithmetic: Arithmetic;
  /** The rank that is wanted; undefined: as low as possible. */
  readonly goal?: number | undefined;
  /** At least one; each has the symmetry. */
  readonly starts: readonly PackedTerms[];
}

/** Does the search of one walker among symmetric factorizations modulo 2 of one size. Every choice follows from `random`. */
export class CyclicExplorer implements Search {
  readonly #options: CyclicOptions;
  readonly #random: Random;
  readonly #choice: CyclicChoice;
  readonly #patience: number;
  #descent: Descent;
  /** The start of the descent, until `advance` has counted it. */
  #begun: PackedTerms | undefined;
  #round = 0;
  /** The lowest rank of the descent. */
  #lowest = Number.POSITIVE_INFINITY;
  #earlierFlips = 0;

  constructor(options: CyclicOptions, random: Random) {
    this.#options = options;
    this.#random = random;
    this.#choice = new CyclicChoice(options.starts, random, options.goal);
    this.#patience = patienceFor(options.size, options.symmetry);
    this.#descent = this.#begin();
  }

  get size(): Size {
    return this.#options.size;
  }

  get flips(): number {
    return this.#earlierFlips + this.#descent.flips;
  }

  /** Tells the lowest rank that walks came to. */
  get bestRank(): number {
    return this.#choice.bestRank;
  }

  advance(): Find | undefined {
    const terms = this.#begun ?? this.#descent.advance();
    this.#begun = undefined;
    if (terms !== undefined) this.#choice.add(terms);
    const isLower = terms !== undefined && terms.rank < this.#lowest;
    if (isLower) {
      this.#lowest = terms.rank;
      this.#choice.note(terms.rank);
    }
    if (this.#descent.sinceBest >= this.#patience * luby(this.#round)) {
      this.#earlierFlips += this.#descent.flips;
      this.#descent = this.#begin();
    }
    return isLower ? { size: this.size, terms, isComposed: false } : undefined;
  }

  adopt(_size: Size, terms: PackedTerms): void {
    this.#choice.add(terms);
  }

  #begin(): Descent {
    this.#round++;
    const { size, symmetry } = this.#options;
    const descent = beginDescent(this.#choice.pick(), {
      ...{ symmetry, arithmetic: 'modulo-2', round: this.#round, random: this.#random },
      entries: modeLengths(size)[0],
    });
    this.#begun = descent.pick();
    this.#lowest = Number.POSITIVE_INFINITY;
    return descent;
  }
}
