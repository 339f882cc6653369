import {
  AlphaTensorError,
  countNonzeros,
  type Factorization,
  formatSize,
  growth,
  Random,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';
import { anneal } from './anneal.js';
import { changeBasis } from './basis-change.js';
import { type OrbitFloor, orbitFloor } from './floor.js';
import { Front } from './front.js';
import { OrbitPoint } from './orbit-point.js';
import { roundedBases } from './rounding.js';

/** Steps of one chain of simulated annealing: short ones from the front so far got further than long ones. */
const STEPS = 10_000;
const FIRST_TEMPERATURE = { low: 0.02, high: 0.1 };
const LAST_TEMPERATURE = 0.003;
/** What nonzeros weigh against growth, drawn on a logarithmic scale so that chains end in different places of the front. */
const NONZEROS_WEIGHT = { low: 0.01, high: 0.3 };
/** How often a chain begins with what was given, or at its floor rounded to dyadic bases, not with a point of the front. */
const FROM_START = 0.15;
/** Of the coefficients that a chain may come to: few make algorithms simpler, and the search more sure. */
const SIGNIFICANT_BITS = [1, 1, 2, 2, 3];
/** Points with a little more than the allowed nonzeros are good places to begin. */
const BEGIN_WITHIN = 1.07;

/** Holds a factorization and its figures. */
export interface RefinedPoint {
  readonly factorization: VerifiedFactorization;
  readonly growth: number;
  readonly nonzeros: number;
}

/** Says where a refinement is. With the start and the options it determines all that follows. */
export interface RefinementState {
  readonly chains: number;
  readonly points: readonly VerifiedFactorization[];
}

/** Holds what is settled of a refinement before it begins. */
export interface RefinementOptions {
  readonly seed: number;
  /** Nonzeros as a multiple of the start's. */
  readonly maxNonzeros: number;
  /** Whether to flip pairs of products too, which leads to other orbits. */
  readonly flips: boolean;
}

/** Searches factorizations equivalent to one, or a few flips away, with low growth and few nonzeros. */
export class Refinement {
  readonly #options: RefinementOptions;
  readonly #start: OrbitPoint;
  readonly #starts: readonly OrbitPoint[];
  /** The least growth over the reals in the orbit of the start. */
  readonly floor: OrbitFloor;
  readonly #front = new Front<RefinedPoint>();
  readonly #random: Random;
  #chains: number;

  /**
   * @param state where an earlier session came to
   * @throws AlphaTensorError INVALID_ARGUMENT for a factorization modulo 2, or with coefficients that are too large
   */
  constructor(
    start: VerifiedFactorization,
    options: RefinementOptions,
    state: RefinementState = { chains: 0, points: [] },
  ) {
    this.#options = options;
    this.#start = toPoint(start);
    this.floor = orbitFloor(start, options.seed);
    this.#starts = [this.#start, ...roundedFloor(start, this.floor)];
    this.#random = new Random(options.seed);
    this.#chains = state.chains;
    for (const factorization of [start, ...state.points]) this.#front.offer(measured(factorization));
  }

  /** Chains that were run so far. */
  get chains(): number {
    return this.#chains;
  }

  /** The points that no other beats, by rising nonzeros and falling growth. */
  get front(): readonly RefinedPoint[] {
    return this.#front.points;
  }

  /** The least growth with no more nonzeros than allowed. */
  get best(): RefinedPoint {
    const allowed = this.front.filter(({ nonzeros }) => nonzeros <= this.#limit);
    // The front always has a point with no more nonzeros than the start.
    return allowed[allowed.length - 1];
  }

  /** Where the search is now. */
  get state(): RefinementState {
    return { chains: this.#chains, points: this.front.map(({ factorization }) => factorization) };
  }

  get #limit(): number {
    return this.#options.maxNonzeros * this.#start.nonzeros;
  }

  /** Runs one chain. It takes some hundredths of a second. */
  advance(): void {
    const random = this.#random.split(`chain/${this.#chains}`);
    const significantBits = SIGNIFICANT_BITS[random.int(SIGNIFICANT_BITS.length)];
    const point = this.#begin(random).copy(significantBits);
    const found = new Front<{ growth: number; nonzeros: number; point: OrbitPoint }>();
    anneal(
      point,
      {
        steps: STEPS,
        temperature: {
          first: FIRST_TEMPERATURE.low + (FIRST_TEMPERATURE.high - FIRST_TEMPERATURE.low) * random.float(),
          last: LAST_TEMPERATURE,
        },
        nonzerosWeight: NONZEROS_WEIGHT.low * (NONZEROS_WEIGHT.high / NONZEROS_WEIGHT.low) ** random.float(),
        nonzerosLimit: this.#limit,
        flips: this.#options.flips,
      },
      random,
      (visited) => {
        if (visited.nonzeros > BEGIN_WITHIN * this.#limit) return;
        const { growth: reached, nonzeros } = visited;
        const objectives = { growth: reached, nonzeros };
        if (this.#front.wants(objectives) && found.wants(objectives))
          found.offer({ ...objectives, point: visited.copy(significantBits) });
      },
    );
    for (const { point: reached } of found.points) {
      const factorization = reached.toFactorization();
      if (factorization !== undefined) this.#front.offer(measured(factorization));
    }
    this.#chains++;
  }

  #begin(random: Random): OrbitPoint {
    const points = this.front;
    if (random.bernoulli(FROM_START)) return this.#starts[random.int(this.#starts.length)];
    return toPoint(points[random.int(points.length)].factorization);
  }
}

/** The start in the bases of its floor, rounded; none where that cannot be kept exactly. */
function roundedFloor(start: VerifiedFactorization, floor: OrbitFloor): OrbitPoint[] {
  try {
    return [toPoint(changeBasis(start, roundedBases(floor.bases)))];
  } catch (error) {
    if (error instanceof AlphaTensorError && error.code === 'INVALID_ARGUMENT') return [];
    throw error;
  }
}

function measured(factorization: VerifiedFactorization): RefinedPoint {
  return { factorization, growth: growth(factorization), nonzeros: countNonzeros(factorization) };
}

function toPoint(factorization: Factorization): OrbitPoint {
  if (factorization.arithmetic === 'modulo-2') {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `This algorithm of ${formatSize(factorization.size)} is modulo 2, where nothing is rounded; only algorithms over the rationals can be refined.`,
    );
  }
  const point = OrbitPoint.from(factorization);
  if (point !== undefined) return point;
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    `The coefficients of this algorithm of ${formatSize(factorization.size)} are too large or too fine to be refined exactly.`,
  );
}
