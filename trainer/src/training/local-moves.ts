import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  AlphaTensorError,
  contentHash,
  type Origin,
  Random,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';
import { flipNeighbour } from '../explore/neighbour.js';
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
/** The most flips of a local move. */
const MAX_FLIPS = 4;
/** The algorithms that the next move is chosen from, and those of them that stay until the next: what is predicted to be the fastest. */
const CANDIDATES = 64;
const KEPT = 8;
/** The share of candidates that are neighbours of these, instead of the fastest measured: so a climb may take several steps at once. */
const FROM_KEPT = 0.5;
/** Limits the draws for one move, as a neighbour may have been drawn or measured before. */
const MAX_DRAWS = 3 * CANDIDATES;
/** The share of moves that no prediction chooses, so that the cost models learn of other algorithms too. */
const UNCHOSEN = 0.25;

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

/** Draws a local move: a symmetry, a few flips, or both. Where no flip is possible, both are the symmetry alone. */
export function localNeighbour(from: VerifiedFactorization, random: Random): Neighbour | undefined {
  const kind = random.int(3);
  const image = kind === 0 ? undefined : symmetricNeighbour(from, random);
  if (kind === 1) return image;
  const factorization = flipNeighbour(image?.factorization ?? from, 1 + random.int(MAX_FLIPS), random);
  return factorization === undefined ? image : { factorization, origin: 'flip-graph' };
}

/** Holds an algorithm and its content hash. */
interface Known {
  readonly factorization: VerifiedFactorization;
  readonly hash: string;
}

/** Holds an algorithm that may be measured next. */
interface Candidate extends Neighbour, Known {
  /** The content hash of the algorithm that it is a neighbour of. */
  readonly from: string;
}

/** Sets how local moves are made. */
interface LocalMovesOptions {
  readonly feed: Pick<LatencyFeed, 'measured' | 'takesMore' | 'isAsked' | 'predict' | 'want' | 'measure'>;
  readonly neighbourhood: Neighbourhood;
  readonly runDir: string;
  readonly seed: number | string;
  /** Called if local moves cannot go on. Their measurements are kept, and the training goes on. */
  readonly onFailure?: ((message: string) => void) | undefined;
}

/**
 * Climbs by measured latency while the search goes on. It measures algorithms near the fastest so far, one at a time, so that a find of a game
 * waits for one measurement more at most. Of many candidates, mostly the one that the cost models predict to be the fastest is next; the next
 * candidates are neighbours of the fastest measured one and of those that are predicted to be fast.
 */
export class LocalMoves {
  readonly #options: LocalMovesOptions;
  readonly #random: Random;
  #best: (Known & { readonly b: number }) | undefined;
  /** What may be measured next, in the order in which it was drawn. */
  #candidates: Candidate[] = [];
  #climbing: Promise<void> | undefined;
  #stopped = false;

  constructor(options: LocalMovesOptions) {
    this.#options = options;
    this.#random = new Random(`local moves ${options.seed}`);
  }

  /** Takes note of an algorithm with its measured `b` of the latency reward (higher is faster), and starts to climb. */
  consider(factorization: VerifiedFactorization, b: number | undefined): void {
    this.#note({ factorization, hash: contentHash(factorization) }, b);
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
    while (!this.#stopped && this.#best !== undefined) {
      const neighbour = this.#choose(this.#best);
      if (neighbour === undefined) return;
      const { factorization, origin, hash, from } = neighbour;
      await feed.measure({ factorization, hash }, origin);
      const b = feed.measured.get(hash);
      // The measurement was lost or failed. The climb starts again after the next measured find.
      if (b === undefined) return;
      await keepFactorization(runDir, {
        factorization,
        origin,
        notes: `A local move from ${from.slice(0, 16)}.`,
      });
      this.#note({ factorization, hash }, b);
      // The training has its turn, also where an agent answers at once.
      await nextTurn();
    }
  }

  #note(algorithm: Known, b: number | undefined): void {
    if (b !== undefined && (this.#best === undefined || b > this.#best.b)) this.#best = { ...algorithm, b };
  }

  /** Chooses the next algorithm: the one that is predicted to be the fastest, or one drawn at random. */
  #choose(fastest: Known): Candidate | undefined {
    this.#draw(fastest);
    const isChosen = !this.#random.bernoulli(UNCHOSEN);
    const [predicted] = isChosen ? this.#fastestPredicted() : [];
    return predicted ?? this.#candidates[this.#random.int(this.#candidates.length)];
  }

  /** Lists the candidates whose latency is predicted, the fastest first. */
  #fastestPredicted(): Candidate[] {
    const predicted = this.#candidates.flatMap((candidate) => {
      const b = this.#predict(candidate);
      return b === undefined ? [] : [{ candidate, b }];
    });
    return predicted.sort((x, y) => y.b - x.b).map(({ candidate }) => candidate);
  }

  #predict({ factorization, hash }: Candidate): number | undefined {
    return this.#options.feed.predict(factorization, hash);
  }

  /** Keeps the candidates that are predicted to be fast or wait for a prediction, draws others until there are enough, and has them described. */
  #draw(fastest: Known): void {
    const { feed, neighbourhood } = this.#options;
    this.#candidates = this.#candidates.filter(({ hash }) => !feed.isAsked(hash));
    const kept = this.#fastestPredicted().slice(0, KEPT);
    this.#candidates = [...kept, ...this.#candidates.filter((each) => this.#predict(each) === undefined)];
    const hasRoom = (): boolean => this.#candidates.length < (feed.takesMore ? CANDIDATES : 1);
    for (let draw = 0; draw < MAX_DRAWS && hasRoom(); draw++) {
      const isFromKept = kept.length > 0 && this.#random.bernoulli(FROM_KEPT);
      const from = isFromKept ? kept[this.#random.int(kept.length)] : fastest;
      const neighbour = neighbourhood(from.factorization, this.#random);
      if (neighbour === undefined) continue;
      const hash = contentHash(neighbour.factorization);
      if (feed.isAsked(hash) || this.#candidates.some((known) => known.hash === hash)) continue;
      this.#candidates.push({ ...neighbour, hash, from: from.hash });
      feed.want(neighbour.factorization, hash);
    }
  }
}
