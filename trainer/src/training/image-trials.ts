import { Random } from '@alphatensor-edge/shared';
import { keepFactorization } from '../run/factorizations.js';
import type { LatencyFeed } from './latency-feed.js';
import type { PricedImages } from './priced-images.js';

/** Sets what is tried. */
interface ImageTrialOptions {
  readonly feed: LatencyFeed;
  readonly images: PricedImages;
  readonly runDir: string;
  readonly seed: number | string;
  /** Called if trials cannot go on. The training goes on. */
  readonly onFailure?: ((message: string) => void) | undefined;
}

/**
 * Measures some of the images that have an estimated price, so that the cost models know not only the kind of algorithms that games find. One
 * is measured at a time, after a find was, and only while no find waits. What was measured is kept and reported with origin `symmetry`, as
 * any measurement is.
 */
export class ImageTrials {
  readonly #options: ImageTrialOptions;
  readonly #random: Random;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(options: ImageTrialOptions) {
    this.#options = options;
    this.#random = new Random(`image trials ${options.seed}`);
  }

  /** Starts a trial, if none is under way and no find waits. */
  start(): void {
    if (this.#stopped || this.#running !== undefined || this.#options.feed.waiting > 0) return;
    this.#running = this.#try()
      .catch((error: unknown) => {
        this.#stopped = true;
        this.#options.onFailure?.(`Images are not measured any more: ${error}`);
      })
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** Stops, and resolves when the last measurement has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #try(): Promise<void> {
    const { feed, images, runDir } = this.#options;
    const image = images.drawPriced(this.#random, (hash) => !feed.isAsked(hash));
    if (image === undefined) return;
    const { factorization, hash } = image;
    await feed.measure({ factorization, hash }, 'symmetry');
    if (feed.measured.get(hash) === undefined) return;
    await keepFactorization(runDir, {
      factorization,
      origin: 'symmetry',
      notes: 'Measured to learn how well prices of images are estimated.',
    });
  }
}
