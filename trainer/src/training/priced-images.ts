import { AlphaTensorError, contentHash, type Random, type VerifiedFactorization } from '@alphatensor-edge/shared';
import type { GameRules } from '../game/state.js';
import { applySymmetry, randomSymmetry } from '../game/symmetry.js';
import { demonstrates } from './demonstrated-game.js';

/** Gives the bonus of algorithms that no game found. */
export interface Pricing {
  /**
   * Gives the bonus: the measured one, or else the cost models' estimate. Undefined while the estimate cannot be made: there are too few
   * measurements, or nobody has said yet what the program does.
   */
  price(factorization: VerifiedFactorization, hash: string): number | undefined;
  /** Whether more algorithms may be wanted now. */
  readonly takesMore: boolean;
  /** Has a price made, if it can be, while other work goes on. */
  want(factorization: VerifiedFactorization, hash: string): void;
}

/** Holds an algorithm to show to the network, and the bonus of a game that ends with it. */
export interface Shown {
  readonly factorization: VerifiedFactorization;
  readonly bonus: number;
}

/** Holds an image. */
export interface Image {
  readonly hash: string;
  readonly factorization: VerifiedFactorization;
}

/** Holds the images of one algorithm, the oldest first. */
interface Images {
  readonly priced: Image[];
  readonly waiting: Image[];
}

/** The images of each algorithm that are kept with a price, and of those that wait for one. */
const MOST_PRICED = 24;
const MOST_WAITING = 4;
/** How often a new image is drawn when there are enough: the oldest makes room. */
const RENEWAL = 1 / 16;
/** The algorithms whose images are kept; those that were not shown for longest go first. */
const MOST_ALGORITHMS = 512;

/**
 * Shows algorithms under random symmetries, which keep the rank, at the price of the image. A symmetry changes an algorithm's latency, so
 * the reward of the original would not be true. A price that was not measured is the cost models' estimate when the image is shown. Nothing
 * else sees an estimate: such images are not finds, are not among the best, and are in no report.
 */
export class PricedImages {
  readonly #rules: GameRules;
  readonly #offDiagonal: number;
  readonly #pricing: Pricing;
  readonly #images = new Map<string, Images>();

  /** @param offDiagonal the chance of an entry off the diagonals of a symmetry (game/unimodular.ts) */
  constructor(rules: GameRules, offDiagonal: number, pricing: Pricing) {
    this.#rules = rules;
    this.#offDiagonal = offDiagonal;
    this.#pricing = pricing;
  }

  /** Counts the images that have a price. */
  get count(): number {
    return [...this.#images.values()].reduce((sum, { priced }) => sum + priced.length, 0);
  }

  /** Draws one of the images of an algorithm that have a price, or the algorithm itself, all with the same chance. */
  show(hash: string, { factorization, bonus }: Shown, random: Random): Shown {
    const images = this.#imagesOf(hash);
    this.#addTo(images, factorization, random);
    this.#takePrices(images);
    const chosen = images.priced[random.int(images.priced.length + 1)];
    const price = chosen && this.#pricing.price(chosen.factorization, chosen.hash);
    // The device that described an image may not be believed any more.
    if (chosen !== undefined && price !== undefined) return { factorization: chosen.factorization, bonus: price };
    // A demonstration may have been measured since it was put into the replay.
    return { factorization, bonus: this.#pricing.price(factorization, hash) ?? bonus };
  }

  /** Draws one of all images that have a price and that the caller wants; undefined if there is none. */
  drawPriced(random: Random, isWanted: (hash: string) => boolean): Image | undefined {
    const wanted = [...this.#images.values()].flatMap(({ priced }) => priced.filter(({ hash }) => isWanted(hash)));
    return wanted.length === 0 ? undefined : wanted[random.int(wanted.length)];
  }

  #imagesOf(hash: string): Images {
    const images = this.#images.get(hash) ?? { priced: [], waiting: [] };
    this.#images.delete(hash);
    this.#images.set(hash, images);
    const oldest = this.#images.keys().next();
    if (this.#images.size > MOST_ALGORITHMS && !oldest.done) this.#images.delete(oldest.value);
    return images;
  }

  #addTo({ priced, waiting }: Images, from: VerifiedFactorization, random: Random): void {
    const isWanted = priced.length < MOST_PRICED || random.bernoulli(RENEWAL);
    if (!isWanted || waiting.length >= MOST_WAITING || !this.#pricing.takesMore) return;
    const factorization = this.#draw(from, random);
    if (factorization === undefined || !demonstrates(this.#rules, factorization)) return;
    const hash = contentHash(factorization);
    if ([...priced, ...waiting].some((known) => known.hash === hash)) return;
    waiting.push({ hash, factorization });
    this.#pricing.want(factorization, hash);
  }

  #draw(from: VerifiedFactorization, random: Random): VerifiedFactorization | undefined {
    try {
      return applySymmetry(from, randomSymmetry(from.size, from.arithmetic, random, this.#offDiagonal));
    } catch (error) {
      // A coefficient grew beyond the limit.
      if (error instanceof AlphaTensorError && error.code === 'INVALID_ARGUMENT') return undefined;
      throw error;
    }
  }

  #takePrices({ priced, waiting }: Images): void {
    for (const image of waiting.splice(0)) {
      if (this.#pricing.price(image.factorization, image.hash) === undefined) waiting.push(image);
      else priced.push(image);
    }
    if (priced.length > MOST_PRICED) priced.splice(0, priced.length - MOST_PRICED);
    // Those that nobody prices, as there is no program or the agent is lost, make room in the end.
    if (waiting.length >= MOST_WAITING) waiting.shift();
  }
}
