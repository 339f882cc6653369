import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  AlphaTensorError,
  contentHash,
  type Origin,
  Random,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';
import { applySymmetry, randomSymmetry } from '../game/symmetry.js';
import { keepFactorization } from '../run/factorizations.js';
import type { LatencyFeed } from './latency-feed.js';

/** Holds an algorithm near another one, for the same tensor. */
export interface Neighbour {
  readonly factorization: VerifiedFactorization;
  readonly origin: Extract<Origin, 'symmetry' | 'flip-graph'>;
}

/** Draws a neighbour; undefined if there is none of the drawn kind. */
export type Neighbourhood = (from: VerifiedFactorization, random: Random) => Neighbour | undefined;

/**
 * The expected number of entries 1 off the diagonals of the three matrices, and the same number of entries -1. Each adds or subtracts
 * a row, which makes an algorithm sparser or denser.
 */
const OFF_DIAGONAL_ENTRIES = 1;
/** Limits how often a neighbour is drawn again because it was measured before. */
const MAX_DRAWS = 20;

/** Applies a random symmetry of the tensor near the identity (de Groote, 1978). Undefined if the coefficients grow beyond the limit. */
export function symmetricNeighbour(from: VerifiedFactorization, random: Random): Neighbour | undefined {
  const { n, m, p } = from.size;
  const places = [n, m, p].reduce((sum, dimension) => sum + dimension * (dimension - 1), 0);
  try {
    const offDiagonal = Math.min(1, OFF_DIAGONAL_ENTRIES / Math.max(1, places));
    const symmetry = randomSymmetry(from.size, from.arithmetic, random, offDiagonal);
    return { factorization: applySymmetry(from, symmetry), origin: 'symmetry' };
  } catch (error) {
    if (error instanceof AlphaTensorError && error.code === 'INVALID_ARGUMENT') return undefined;
    throw error;
  }
}

/** Sets how local moves are made. */
interface LocalMovesOptions {
  readonly feed: LatencyFeed;
  readonly neighbourhood: Neighbourhood;
  readonly runDir: string;
  readonly seed: number | string;
  /** Called if local moves cannot go on. Their measurements are kept, and the training goes on. */
  readonly onFailure?: ((message: string) => void) | undefined;
}

/**
 * Climbs by measured latency while the search goes on. It measures neighbours of the fastest algorithm so far, one at a time and only
 * while no find of a game waits, so it delays neither the search nor its measurements. A faster neighbour becomes the one whose
 * neighbours are tried next.
 */
export class LocalMoves {
  readonly #options: LocalMovesOptions;
  readonly #random: Random;
  #best: { readonly factorization: VerifiedFactorization; readonly b: number } | undefined;
  #climbing: Promise<void> | undefined;
  #stopped = false;

  constructor(options: LocalMovesOptions) {
    this.#options = options;
    this.#random = new Random(`local moves ${options.seed}`);
  }

  /** Takes note of an algorithm with its measured `b` of the latency reward (higher is faster), and starts to climb. */
  consider(factorization: VerifiedFactorization, b: number | undefined): void {
    if (b !== undefined && (this.#best === undefined || b > this.#best.b)) this.#best = { factorization, b };
    this.#climbing ??= this.#climb()
      .catch((error: unknown) => this.#options.onFailure?.(`Local moves ended: ${error}`))
      .finally(() => {
        this.#climbing = undefined;
      });
  }

  /** Stops, and resolves when the last measurement has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#climbing;
  }

  async #climb(): Promise<void> {
    const { feed, runDir } = this.#options;
    while (!this.#stopped && feed.waiting === 0 && this.#best !== undefined) {
      const from = this.#best.factorization;
      const neighbour = this.#draw(from);
      if (neighbour === undefined) return;
      const { factorization, origin } = neighbour;
      const hash = contentHash(factorization);
      await feed.measure({ factorization, hash }, origin);
      const b = feed.measured.get(hash);
      // The measurement was lost or failed. The climb starts again after the next measured find.
      if (b === undefined) return;
      await keepFactorization(runDir, {
        factorization,
        origin,
        notes: `A local move from ${contentHash(from).slice(0, 16)}.`,
      });
      if (b > (this.#best?.b ?? Number.NEGATIVE_INFINITY)) this.#best = { factorization, b };
      // The training has its turn, also where an agent answers at once.
      await nextTurn();
    }
  }

  #draw(from: VerifiedFactorization): Neighbour | undefined {
    for (let draw = 0; draw < MAX_DRAWS; draw++) {
      const neighbour = this.#options.neighbourhood(from, this.#random);
      if (neighbour !== undefined && !this.#options.feed.isAsked(contentHash(neighbour.factorization)))
        return neighbour;
    }
    return undefined;
  }
}
