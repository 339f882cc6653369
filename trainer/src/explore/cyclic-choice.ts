import type { Random } from '@alphatensor-edge/shared';
import { BestPool } from './best-pool.js';
import type { PackedTerms } from './packed-terms.js';
import { StartChoice } from './start-choice.js';

/** Share of descents that begin with the best of their family. The others begin with a start. */
const FROM_BEST = 0.5;

/** Holds what symmetric walks came to from starts whose ranks leave the same remainder modulo 3, and these starts. */
interface Family {
  readonly pool: BestPool;
  readonly starts: StartChoice | undefined;
}

/**
 * Chooses where symmetric walks begin. Their steps change the rank by three, except folds, so there are three families that hardly meet: the
 * remainders modulo 3. Each gets a third of the descents. Else the family that happens to have the lowest rank would get nearly all,
 * although it may be at its end: for <5,5,5>, 95 is as low as its family is known to come, and 93 is in another.
 */
export class CyclicChoice {
  readonly #random: Random;
  readonly #families: readonly Family[];
  #begun: StartChoice | undefined;

  /** @param starts at least one */
  constructor(starts: readonly PackedTerms[], random: Random) {
    this.#random = random;
    this.#families = [0, 1, 2].map((remainder) => {
      const ofFamily = starts.filter(({ rank }) => rank % 3 === remainder);
      return {
        pool: new BestPool(random),
        starts: ofFamily.length > 0 ? new StartChoice(ofFamily, random) : undefined,
      };
    });
  }

  /** Tells the lowest rank; Infinity while nothing was added. */
  get bestRank(): number {
    return Math.min(...this.#families.map(({ pool }) => pool.bestRank));
  }

  /** Picks one of the lowest rank. There must be one. */
  pickBest(): PackedTerms {
    const { pool } = this.#families.reduce((best, each) => (each.pool.bestRank < best.pool.bestRank ? each : best));
    return pool.pick();
  }

  /** Takes in what a walk came to. */
  add(terms: PackedTerms): void {
    this.#families[terms.rank % 3].pool.add(terms);
  }

  /** Notes a rank that the descent which began last came to. */
  note(rank: number): void {
    this.#begun?.note(rank);
  }

  /** Picks where the next descent begins. */
  pick(): PackedTerms {
    const isKnown = ({ pool, starts }: Family): boolean =>
      starts !== undefined || pool.bestRank < Number.POSITIVE_INFINITY;
    const families = this.#families.filter(isKnown);
    const { pool, starts } = families[this.#random.int(families.length)];
    const isAny = pool.bestRank < Number.POSITIVE_INFINITY;
    const isFromBest = isAny && (starts === undefined || this.#random.bernoulli(FROM_BEST));
    this.#begun = isFromBest ? undefined : starts;
    return this.#begun?.pick() ?? pool.pick();
  }
}
