import {
  compose,
  orbitInvariant,
  type Random,
  type Size,
  sameSize,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';
import { gameRules, type TrainingConfig } from '../../config.js';
import { productSize } from '../../explore/grow.js';
import { flipNeighbour } from '../../explore/neighbour.js';
import { type Part, partsFor } from '../../game/grown.js';
import type { PlayedOrbit, StoredFlips } from '../../run/flips-file.js';
import type { MetricsLine } from '../../run/metrics.js';
import { demonstrates } from '../demonstrated-game.js';
import { exampleOf, type TrainingExample } from '../example.js';
import { sparsestImage } from '../sparsest-image.js';
import { FlipPool } from './flip-pool.js';
import { shownGame } from './shown-game.js';
import { sizesOfWalks, walkFlips } from './walk.js';

/** The share of the walks at the run's own size, once there is a factorization of each smaller one. */
const OWN_SHARE = 0.5;
/** The first walk of a size is this many times as long, so that what is shown first is good already. */
const FIRST = 4;
/** The most factorizations that a walk gives: to tell their orbits takes milliseconds each. */
const MOST_A_WALK = 8;

/** How often each walk looks for a neighbour. */
const VISITS_A_WALK = 4;

type FlipsConfig = NonNullable<TrainingConfig['demonstrations']['flips']>;

/**
 * Turns what a run's own walks in the flip graph find into demonstrations, while the network learns. The walks take turns with the learner in
 * its own thread. Each begins with a factorization of the pool, or with what a game of the network found, and its random numbers follow
 * from the step. So the pool is all that a resumed run needs.
 */
export class FlipDemonstrations {
  /** The share of the samples that are of these demonstrations. */
  readonly share: number;
  readonly #config: TrainingConfig;
  readonly #flips: FlipsConfig;
  readonly #sizes: readonly Size[];
  readonly #pool: FlipPool;
  #played = new Map<string, PlayedOrbit>();
  #parts: readonly Part[] | undefined;
  #flipsDone = 0;
  #fromGames = 0;

  constructor(config: TrainingConfig, flips: FlipsConfig) {
    this.#config = config;
    this.#flips = flips;
    this.share = flips.share;
    this.#sizes = sizesOfWalks(config.size);
    this.#pool = new FlipPool(config.size, flips);
  }

  /** Gives the lowest rank of the run's own size that a demonstration has; Infinity while there is none. */
  get rank(): number {
    return this.#pool.lowestRank(this.#config.size);
  }

  /** Tells whether there is nothing to show yet. */
  get isEmpty(): boolean {
    return this.#pool.of(this.#config.size).length === 0;
  }

  /** Tells whether there was a walk. */
  get hasWalked(): boolean {
    return this.#flipsDone > 0;
  }

  /** Takes factorizations of any of its sizes as what the first walks begin with. They are shown like what walks find. */
  begin(starts: readonly VerifiedFactorization[]): void {
    for (const each of starts) this.#pool.add(each, 0);
  }

  /** Lists the orbits of the run's own size that the network may have been shown. */
  get shownOrbits(): readonly string[] {
    return this.#pool.shown;
  }

  /** Gives the smaller factorizations from which synthetic games grow: the lowest rank of each size, in every orientation that fits. */
  get parts(): readonly Part[] {
    this.#parts ??= this.#sizes
      .slice(0, -1)
      .flatMap((size) => this.#pool.lowest(size).flatMap((each) => partsFor(each, gameRules(this.#config))));
    return this.#parts;
  }

  /** Makes an example of a demonstration of the run's own size. Call it only if there is one. */
  example(random: Random): TrainingExample {
    const factorization = this.#pool.draw(this.#config.size, random) as VerifiedFactorization;
    const another = this.#pool.draw(this.#config.size, random) as VerifiedFactorization;
    const { wrongMoves } = this.#flips;
    const game = shownGame(gameRules(this.#config), factorization, this.#config, { wrongMoves, another }, random);
    return exampleOf(game);
  }

  /** Tells whether the walks are due after a step. */
  isDue(step: number): boolean {
    return step % this.#flips.everySteps === 0;
  }

  /**
   * Walks at one size, or at the beginning at each of them, and keeps what is new.
   * @param played what games of the network found, of any size
   */
  walk(step: number, played: readonly VerifiedFactorization[], random: Random): void {
    const missing = this.#sizes.filter((size) => this.#pool.of(size).length === 0);
    const sizes = missing.length > 0 ? missing : [this.#chooseSize(random)];
    for (const size of sizes) this.#walkAt(size, step, played, random);
    for (let visit = 0; visit < VISITS_A_WALK; visit++) this.#visitNeighbour(step, random);
  }

  /** Notes what a game of the network found, so that orbits that were never shown are counted. */
  note(factorization: VerifiedFactorization): void {
    const { size, rank } = factorization;
    if (!sameSize(size, this.#config.size) || rank > this.rank) return;
    const orbit = orbitInvariant(factorization);
    if (!this.#played.has(orbit)) this.#played.set(orbit, { orbit, rank, wasShown: this.#pool.isShown(orbit) });
  }

  metrics(): MetricsLine {
    const { size } = this.#config;
    if (this.isEmpty) return { 'flips.flips': this.#flipsDone };
    const { rank } = this;
    const played = [...this.#played.values()].filter((known) => known.rank <= rank);
    return {
      'flips.flips': this.#flipsDone,
      'flips.rank': rank,
      'flips.orbits': this.#pool.lowest(size).length,
      'flips.orbitsShown': this.#pool.shown.length,
      'flips.descentsFromGames': this.#fromGames,
      'flips.orbitsPlayed': played.length,
      'flips.orbitsPlayedNotShown': played.filter(({ wasShown }) => !wasShown).length,
    };
  }

  /** Gives what a checkpoint keeps. */
  export(): StoredFlips {
    return {
      ...this.#pool.export(),
      played: [...this.#played.values()],
      flips: this.#flipsDone,
      fromGames: this.#fromGames,
    };
  }

  /** Takes over what a checkpoint kept. */
  restore(stored: StoredFlips): void {
    this.#pool.restore(stored);
    this.#played = new Map(stored.played.map((known) => [known.orbit, known]));
    this.#flipsDone = stored.flips;
    this.#fromGames = stored.fromGames;
    this.#parts = undefined;
  }

  #chooseSize(random: Random): Size {
    const own = this.#sizes.length - 1;
    return this.#sizes[own === 0 || random.bernoulli(OWN_SHARE) ? own : random.int(own)];
  }

  /** Takes one flip from a factorization of the run's own size, and keeps where it leads. */
  #visitNeighbour(step: number, random: Random): void {
    const from = this.#pool.drawKept(this.#config.size, random);
    const neighbour = from && flipNeighbour(from, 1, random);
    if (neighbour && demonstrates(gameRules(this.#config), neighbour)) this.#pool.addNeighbour(neighbour, step);
  }

  /** Multiplies the best of smaller sizes whose product has the size: <4,4,4> is <2,2,2> times itself. */
  #productsOf(size: Size): VerifiedFactorization[] {
    const best = this.#sizes.flatMap((each) => this.#pool.lowest(each).slice(0, 1));
    return best.flatMap((outer) =>
      best.filter((inner) => sameSize(productSize(outer.size, inner.size), size)).map((inner) => compose(outer, inner)),
    );
  }

  #walkAt(size: Size, step: number, played: readonly VerifiedFactorization[], random: Random): void {
    const smaller = this.#sizes[this.#sizes.indexOf(size) - 1];
    const found = walkFlips({
      size,
      arithmetic: this.#config.arithmetic,
      starts: {
        walked: this.#pool.lowest(size),
        played: lowestOf(played.filter((each) => sameSize(each.size, size))),
        smaller: smaller === undefined ? [] : this.#pool.lowest(smaller),
        products: this.#productsOf(size),
      },
      flips: this.#flips.flipsPerWalk * (this.#pool.of(size).length === 0 ? FIRST : 1),
      most: MOST_A_WALK,
      random,
    });
    this.#flipsDone += found.flips;
    this.#fromGames += found.fromGames;
    const isOwn = sameSize(size, this.#config.size);
    for (const walked of found.found) {
      const each = sparsestImage(walked, this.#config.values);
      if (isOwn && !demonstrates(gameRules(this.#config), each)) continue;
      if (this.#pool.add(each, step)) this.#parts = undefined;
    }
  }
}

function lowestOf(factorizations: readonly VerifiedFactorization[]): VerifiedFactorization[] {
  const lowest = Math.min(...factorizations.map(({ rank }) => rank));
  return factorizations.filter(({ rank }) => rank === lowest);
}
