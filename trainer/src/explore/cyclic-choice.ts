import type { Random } from '@alphatensor-edge/shared';
import { BestPool } from './best-pool.js';
import type { PackedTerms } from './packed-terms.js';
import { StartChoice } from './start-choice.js';

/** Share of descents that begin with the best of their family. The others begin with a start. */
const FROM_BEST = 0.5;
/** Share of descents in the family of the rank that is wanted, if there is one. */
const WANTED = 0.6;

/** Holds what symmetric walks came to from starts whose ranks leave the same remainder modulo 3, and these starts. */
interface Family {
  readonly pool: BestPool;
  readonly starts: StartChoice<PackedTerms> | undefined;
}

/**
 * Chooses where symmetric walks begin. Their steps change the rank by three, so there are three families that do not meet: the
 * remainders modulo 3. Each gets a third of the descents, unless a certain rank is wanted. Else the family that happens to have the lowest rank would get nearly all,
 * although it may be at its end: for <5,5,5>, 95 is as low as its family is known to come, and 93 is in another.
 */
export class CyclicChoice {
  readonly #random: Random;
  readonly #families: readonly Family[];
  #begun: StartChoice<PackedTerms> | undefined;

  readonly #wanted: Family | undefined;

  /**
   * @param starts at least one
   * @param rank the rank that is wanted, if any
   */
  constructor(starts: readonly PackedTerms[], random: Random, rank?: number) {
    this.#random = random;
    this.#families = [0, 1, 2].map((remainder) => {
      const ofFamily = starts.filter(({ rank }) => rank % 3 === remainder);
      return {
        pool: new BestPool(random),
        starts: ofFamily.length > 0 ? new StartChoice(ofFamily, random) : undefined,
      };
    });
    this.#wanted = rank === undefined ? undefined : this.#families[rank % 3];
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
    const { pool, starts } = this.#pickFamily();
    const isAny = pool.bestRank < Number.POSITIVE_INFINITY;
    const isFromBest = isAny && (starts === undefined || this.#random.bernoulli(FROM_BEST));
    this.#begun = isFromBest ? undefined : starts;
    return this.#begun?.pick() ?? pool.pick();
  }

  #pickFamily(): Family {
    const families = this.#families.filter(
      ({ pool, starts }) => starts !== undefined || pool.bestRank < Number.POSITIVE_INFINITY,
    );
    const isWanted = this.#wanted !== undefined && families.includes(this.#wanted) && this.#random.bernoulli(WANTED);
    return isWanted && this.#wanted !== undefined ? this.#wanted : families[this.#random.int(families.length)];
  }
}
