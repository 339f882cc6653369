import {
  countNonzeros,
  orbitInvariant,
  type Random,
  type Size,
  sameSize,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';
import type { StoredFlips, WalkedFactorization } from '../../run/flips-file.js';

/** The factorizations of one rank more, all together, are drawn this much less often. */
const RANK_FACTOR = 1 / 8;

/** Sets what the pool keeps and how it is drawn from. */
export interface FlipPoolOptions {
  /** The most orbits that are kept of each size. */
  readonly orbits: number;
  /** The learner steps for which an orbit keeps its place when there are so many; absent: 0. */
  readonly keepSteps?: number | undefined;
  /** How far the rank of a factorization that is kept may be above the lowest of its size. */
  readonly ranksAbove: number;
  /** The learner steps after which a factorization is drawn half as often as a new one. */
  readonly halfLife: number;
  /** The most factorizations of the run's own size that are kept because they are one flip from others; absent: 0. */
  readonly neighbours?: number | undefined;
}

/**
 * Holds what a run's walks in the flip graph found: one factorization for each orbit, the sparsest seen, as far as `orbitInvariant` tells orbits apart. When
 * there are too many of a size, those of the highest rank go first, and of these the oldest.
 */
export class FlipPool {
  readonly #options: FlipPoolOptions;
  /** In the order in which they were found. */
  #walked: WalkedFactorization[] = [];
  /** Of the run's own size and its lowest rank, in the order in which they were found. */
  #neighbours: WalkedFactorization[] = [];
  /** Every orbit of the run's own size that was ever here, so that the network may have been shown it. */
  readonly #shown = new Set<string>();
  readonly #own: Size;

  constructor(own: Size, options: FlipPoolOptions) {
    this.#own = own;
    this.#options = options;
  }

  /** Lists the orbits of the run's own size that the network may have been shown, in the order in which they came. */
  get shown(): readonly string[] {
    return [...this.#shown];
  }

  /** Lists the neighbours that are kept, in the order in which they were found. */
  get neighbours(): readonly WalkedFactorization[] {
    return this.#neighbours;
  }

  isShown(orbit: string): boolean {
    return this.#shown.has(orbit);
  }

  /** Gives what is kept of a size, in the order in which it was found. */
  of(size: Size): readonly WalkedFactorization[] {
    return this.#walked.filter(({ factorization }) => sameSize(factorization.size, size));
  }

  /** Gives the lowest rank of a size; Infinity if nothing is kept of it. */
  lowestRank(size: Size): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.of(size).map(({ factorization }) => factorization.rank));
  }

  /** Lists the factorizations of the lowest rank of a size. */
  lowest(size: Size): readonly VerifiedFactorization[] {
    const rank = this.lowestRank(size);
    return this.of(size).flatMap(({ factorization }) => (factorization.rank === rank ? [factorization] : []));
  }

  /**
   * Keeps a factorization if its rank is low enough and its orbit is new, or sparser than the one that is kept of its orbit. Returns whether it did.
   * @param step the learner step at which it was found
   */
  add(factorization: VerifiedFactorization, step: number): boolean {
    const { size, rank } = factorization;
    if (rank > this.lowestRank(size) + this.#options.ranksAbove) return false;
    const orbit = orbitInvariant(factorization);
    const known = this.of(size).find((each) => each.orbit === orbit);
    if (known !== undefined) {
      if (countNonzeros(factorization) >= countNonzeros(known.factorization)) return false;
      this.#walked = this.#walked.map((each) => (each === known ? { ...known, factorization } : each));
      return true;
    }
    if (this.#isTaken(size, rank, step)) return false;
    this.#walked.push({ factorization, orbit, step });
    this.#limit(size);
    if (sameSize(size, this.#own)) this.#shown.add(orbit);
    return true;
  }

  /**
   * Keeps a factorization that is one flip from one that is kept, if it has the lowest rank of the run's own size and its orbit was never here. The
   * oldest leave when there are too many.
   * @param step the learner step at which it was found
   */
  addNeighbour(factorization: VerifiedFactorization, step: number): void {
    const { neighbours: most = 0, keepSteps = 0 } = this.#options;
    if (most === 0 || factorization.rank !== this.lowestRank(this.#own)) return;
    if (this.#neighbours.length >= most && step - this.#neighbours[0].step < keepSteps) return;
    const orbit = orbitInvariant(factorization);
    if (this.#shown.has(orbit)) return;
    this.#neighbours = [...this.#neighbours, { factorization, orbit, step }].slice(-most);
    this.#shown.add(orbit);
  }

  /**
   * Tells whether all places of a size are held by orbits that have not been shown for long enough. A lower rank always finds a place: a
   * network learns the algorithms of a few orbits sooner than those of hundreds that come and go.
   */
  #isTaken(size: Size, rank: number, step: number): boolean {
    const kept = this.of(size);
    const { orbits, keepSteps = 0 } = this.#options;
    return kept.length >= orbits && rank >= this.lowestRank(size) && step - kept[0].step < keepSteps;
  }

  /** Draws a factorization of a size. Lower ranks and newer finds are drawn more often. Undefined if nothing is kept of the size. */
  draw(size: Size, random: Random): VerifiedFactorization | undefined {
    const neighbours = sameSize(size, this.#own) ? this.#neighbours : [];
    const chosen = neighbours.length > 0 ? random.int(neighbours.length + this.lowest(size).length) : 0;
    if (chosen < neighbours.length) return neighbours[chosen].factorization;
    return this.drawKept(size, random);
  }

  /** Draws as `draw` does, but no neighbour. */
  drawKept(size: Size, random: Random): VerifiedFactorization | undefined {
    const kept = this.of(size);
    if (kept.length === 0) return undefined;
    const ranks = [...new Set(kept.map(({ factorization }) => factorization.rank))].sort((a, b) => a - b);
    const rank = ranks[random.categorical(ranks.map((each) => RANK_FACTOR ** (each - ranks[0])))];
    const ofRank = kept.filter(({ factorization }) => factorization.rank === rank);
    const newest = Math.max(...ofRank.map(({ step }) => step));
    const weights = ofRank.map(({ step }) => 0.5 ** ((newest - step) / this.#options.halfLife));
    return ofRank[random.categorical(weights)].factorization;
  }

  /** Gives what a checkpoint keeps. */
  export(): Pick<StoredFlips, 'walked' | 'neighbours' | 'shown'> {
    return { walked: [...this.#walked], neighbours: [...this.#neighbours], shown: this.shown };
  }

  /** Takes over what a checkpoint kept. */
  restore({ walked, neighbours, shown }: Pick<StoredFlips, 'walked' | 'neighbours' | 'shown'>): void {
    this.#walked = [...walked];
    this.#neighbours = [...neighbours];
    for (const orbit of shown) this.#shown.add(orbit);
  }

  #limit(size: Size): void {
    const lowest = this.lowestRank(size);
    if (sameSize(size, this.#own)) {
      this.#neighbours = this.#neighbours.filter(({ factorization }) => factorization.rank === lowest);
    }
    const isOfSize = ({ factorization }: WalkedFactorization): boolean => sameSize(factorization.size, size);
    const highest = lowest + this.#options.ranksAbove;
    this.#walked = this.#walked.filter((known) => !isOfSize(known) || known.factorization.rank <= highest);
    const kept = this.of(size);
    if (kept.length <= this.#options.orbits) return;
    const worst = Math.max(...kept.map(({ factorization }) => factorization.rank));
    const leaves = kept.find(({ factorization }) => factorization.rank === worst);
    this.#walked = this.#walked.filter((known) => known !== leaves);
  }
}
