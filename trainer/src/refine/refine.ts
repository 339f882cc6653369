import { Random, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { type ChainResult, runChain } from './chain.js';
import { composedStarts } from './composed-starts.js';
import type { OrbitFloor } from './floor.js';
import { Front } from './front.js';
import { Orbit } from './orbit.js';
import { Orbits } from './orbits.js';
import { measured, type RefinedPoint } from './point.js';

/** Chains that begin with the same front, so that several threads can run them and the result stays the same. */
export const CHAINS_IN_ROUND = 8;

/**
 * Chains of an island: a search anew, which its own front alone guides. Every other one is such. Fronts stall after some hundred chains, in
 * places that differ from island to island. Between two islands the front of all goes on.
 */
const CHAINS_OF_ISLAND = 16 * CHAINS_IN_ROUND;

/** Says where a refinement is. With the start and the options it determines all that follows. */
export interface RefinementState {
  readonly chains: number;
  /** The front. */
  readonly points: readonly VerifiedFactorization[];
  /** Points that only those of the front beat. */
  readonly near: readonly VerifiedFactorization[];
  /** The front of the island that the search is on; empty between islands. */
  readonly island: readonly VerifiedFactorization[];
  /** Factorizations of the orbits with the lowest floors that flips led to. */
  readonly orbits: readonly VerifiedFactorization[];
}

const NOWHERE: RefinementState = { chains: 0, points: [], near: [], island: [], orbits: [] };

/** Holds what is settled of a refinement before it begins. */
export interface RefinementOptions {
  readonly seed: number;
  /** Nonzeros as a multiple of the start's. */
  readonly maxNonzeros: number;
  /** Whether to leave the orbit: to flip pairs of products, and to begin with products of smaller algorithms too. */
  readonly flips: boolean;
}

/** Searches factorizations equivalent to one, or a few flips away, with low growth and few nonzeros. */
export class Refinement {
  readonly #options: RefinementOptions;
  readonly #starts: readonly Orbit[];
  readonly #orbits = new Orbits();
  readonly #front = new Front<RefinedPoint>();
  readonly #near = new Front<RefinedPoint>();
  #island = new Front<RefinedPoint>();
  readonly #random: Random;
  #chains: number;

  /**
   * @param state where an earlier session came to
   * @throws AlphaTensorError INVALID_ARGUMENT for a factorization modulo 2, or with coefficients that are too large
   */
  constructor(start: VerifiedFactorization, options: RefinementOptions, state: RefinementState = NOWHERE) {
    this.#options = options;
    const starts = [start, ...(options.flips ? composedStarts(start) : [])];
    this.#starts = starts.map((factorization) => new Orbit(factorization, options.seed));
    this.#random = new Random(options.seed);
    this.#chains = state.chains;
    for (const factorization of state.points) this.#front.offer(measured(factorization));
    for (const factorization of state.near) this.#near.offer(measured(factorization));
    for (const factorization of state.island) this.#island.offer(measured(factorization));
    if (state.points.length === 0) this.#offer(start);
    // A state of an earlier version has no island.
    if (this.#isOnIsland && state.island.length === 0) this.#island.offer(measured(start));
    for (const factorization of state.orbits) this.#orbits.offer(new Orbit(factorization, options.seed));
  }

  /** The least growth over the reals in the orbit of the start. */
  get floor(): OrbitFloor {
    return this.#starts[0].floor;
  }

  /** The same of the products of smaller algorithms that the search begins with, too. */
  get composedFloors(): readonly number[] {
    return this.#starts.slice(1).map(({ floor }) => floor.growth);
  }

  /** Chains that were run so far. */
  get chains(): number {
    return this.#chains;
  }

  /** The points that no other beats, by rising nonzeros and falling growth. */
  get front(): readonly RefinedPoint[] {
    return this.#front.points;
  }

  /** The points within the allowed nonzeros that none or only one of the front beats: they may have fewer additions. */
  get candidates(): readonly RefinedPoint[] {
    return [...this.#front.points, ...this.#near.points].filter(({ nonzeros }) => nonzeros <= this.#limit);
  }

  /** The least growth with no more nonzeros than allowed. */
  get best(): RefinedPoint {
    const allowed = this.front.filter(({ nonzeros }) => nonzeros <= this.#limit);
    // Where the start itself has too many, the point with the fewest is the best there is.
    return allowed[allowed.length - 1] ?? this.front[0];
  }

  /** Where the search is now. */
  get state(): RefinementState {
    const of = (points: readonly { factorization: VerifiedFactorization }[]) =>
      points.map(({ factorization }) => factorization);
    return {
      chains: this.#chains,
      points: of(this.#front.points),
      near: of(this.#near.points),
      island: of(this.#island.points),
      orbits: of(this.#orbits.all),
    };
  }

  get #limit(): number {
    return this.#options.maxNonzeros * this.#starts[0].point.nonzeros;
  }

  /** Runs the chain `place` of the next round, without taking up what it finds. */
  run(place: number): ChainResult {
    return runChain(
      {
        orbits: [...this.#starts, ...this.#orbits.all],
        front: this.#isOnIsland ? this.#island : this.#front,
        nonzerosLimit: this.#limit,
        flips: this.#options.flips,
      },
      this.#random.split(`chain/${this.#chains + place}`),
    );
  }

  /** Takes up what the chains of the next round found, in order. */
  absorb(round: readonly ChainResult[]): void {
    for (const { points, orbit } of round) {
      for (const factorization of points) this.#offer(factorization);
      if (orbit !== undefined && this.#orbits.wants(orbit.floor)) {
        this.#orbits.offer(new Orbit(orbit.factorization, this.#options.seed));
      }
    }
    this.#chains += round.length;
    if (this.#chains % CHAINS_OF_ISLAND !== 0) return;
    this.#island = new Front();
    if (this.#isOnIsland) this.#island.offer(measured(this.#starts[0].factorization));
  }

  get #isOnIsland(): boolean {
    return Math.floor(this.#chains / CHAINS_OF_ISLAND) % 2 === 1;
  }

  /** Runs one round. */
  advance(): void {
    this.absorb(Array.from({ length: CHAINS_IN_ROUND }, (_, place) => this.run(place)));
  }

  #offer(factorization: VerifiedFactorization): void {
    const found = measured(factorization);
    if (this.#isOnIsland) this.#island.offer(found);
    for (const point of this.#front.offer(found)) this.#near.offer(point);
  }
}
