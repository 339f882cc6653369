import type { Random } from '@alphatensor-edge/shared';
import type { PackedTerms } from './packed-terms.js';

/** Share of choices of the start that has led to the lowest rank. The others are uniform. */
const BEST = 0.5;

/** Chooses among the starts of a search: often the one whose descents came to the lowest rank. */
export class StartChoice {
  readonly #starts: readonly PackedTerms[];
  readonly #random: Random;
  /** The lowest rank that descents from each start came to. */
  readonly #reached: number[];
  #chosen = 0;

  constructor(starts: readonly PackedTerms[], random: Random) {
    this.#starts = starts;
    this.#random = random;
    this.#reached = starts.map(() => Number.POSITIVE_INFINITY);
  }

  pick(): PackedTerms {
    const { length } = this.#starts;
    const isBest = length > 1 && this.#random.bernoulli(BEST);
    this.#chosen = isBest ? this.#reached.indexOf(Math.min(...this.#reached)) : this.#random.int(length);
    return this.#starts[this.#chosen];
  }

  /** Notes a rank that a descent from the start picked last came to. */
  note(rank: number): void {
    this.#reached[this.#chosen] = Math.min(rank, this.#reached[this.#chosen]);
  }
}
