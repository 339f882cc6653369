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

/** An algorithm near another one, for the same tensor. */
export interface Neighbour {
  readonly factorization: VerifiedFactorization;
  readonly origin: Extract<Origin, 'symmetry' | 'flip-graph'>;
}

/** Draws a neighbour; undefined: there is none of the kind that was drawn. */
export type Neighbourhood = (from: VerifiedFactorization, random: Random) => Neighbour | undefined;

/** About one entry off the diagonals of the three matrices: sums of two rows, which make an algorithm sparser or denser. */
const OFF_DIAGONAL_ENTRIES = 1;
/** A neighbour that was measured already is drawn again so often. */
const MAX_DRAWS = 20;

/** A random symmetry of the tensor near the identity (de Groote, 1978). */
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

export interface LocalMovesOptions {
  readonly feed: LatencyFeed;
  readonly neighbourhood: Neighbourhood;
  readonly runDir: string;
  readonly seed: number | string;
  /** It could not go on: what it measured is kept, and the training does not end with it. */
  readonly onFailure?: ((message: string) => void) | undefined;
}

/**
 * Hill climbing by measured latency, beside the search: neighbours of the fastest algorithm so far go to the same queue, one at a
 * time and only while nothing that a game found waits, so that neither search nor measuring is held up. What is faster becomes
 * the one whose neighbours are tried next.
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

  /** A measured algorithm: `b` of the latency reward, higher is faster. */
  consider(factorization: VerifiedFactorization, b: number | undefined): void {
    if (b !== undefined && (this.#best === undefined || b > this.#best.b)) this.#best = { factorization, b };
    this.#climbing ??= this.#climb()
      .catch((error: unknown) => this.#options.onFailure?.(`Local moves ended: ${error}`))
      .finally(() => {
        this.#climbing = undefined;
      });
  }

  /** Resolves when the last measurement has ended. */
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
      // Lost, or a fault: the next game that is measured begins again.
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
