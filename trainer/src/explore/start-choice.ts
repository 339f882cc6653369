import type { Random } from '@alphatensor-edge/shared';

/** Chooses where descents begin, or how a start is made: often in the way whose descents came to the lowest rank. */
export class StartChoice<T> {
  readonly #ways: readonly T[];
  readonly #random: Random;
  readonly #best: number;
  /** The lowest rank that descents from each came to. */
  readonly #reached: number[];
  #chosen = 0;

  /** @param best share of choices of what has led to the lowest rank; the others are uniform */
  constructor(ways: readonly T[], random: Random, best = 0.5) {
    this.#ways = ways;
    this.#random = random;
    this.#best = best;
    this.#reached = ways.map(() => Number.POSITIVE_INFINITY);
  }

  pick(): T {
    const { length } = this.#ways;
    const isBest = length > 1 && this.#random.bernoulli(this.#best);
    this.#chosen = isBest ? this.#reached.indexOf(Math.min(...this.#reached)) : this.#random.int(length);
    return this.#ways[this.#chosen];
  }

  /** Notes a rank that a descent came to from what was picked last. */
  note(rank: number): void {
    this.#reached[this.#chosen] = Math.min(rank, this.#reached[this.#chosen]);
  }
}
