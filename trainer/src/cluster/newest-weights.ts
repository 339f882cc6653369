import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '@alphatensor-edge/shared';
import type { StoredWeight } from '../network/parameters.js';
import type { Cluster } from './connect.js';
import { type LatestWeights, readLatest, readWeights } from './weights.js';

/** Milliseconds between two looks. */
const POLL_MS = 1000;

/** Holds weights that an actor can play with. */
export interface ReadWeights {
  readonly about: LatestWeights;
  readonly weights: readonly StoredWeight[];
}

/** Keeps the newest weights at hand: the next are fetched while games are played. */
export class NewestWeights {
  readonly #cluster: Cluster;
  readonly #onMessage: (text: string) => void;
  readonly #stop = new AbortController();
  #newest: ReadWeights | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(cluster: Cluster, onMessage: (text: string) => void) {
    this.#cluster = cluster;
    this.#onMessage = onMessage;
  }

  start(): void {
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Gives the newest weights that have arrived; undefined before the first, and after a new run has begun. */
  get newest(): ReadWeights | undefined {
    return this.#newest;
  }

  /** Waits for the first weights. Undefined after `signal`. */
  async first(signal: AbortSignal): Promise<ReadWeights | undefined> {
    for (let waited = 0; this.#newest === undefined && !signal.aborted; waited += POLL_MS) {
      if (waited === POLL_MS) this.#onMessage('waiting for the first weights of the learner');
      await sleep(waited === 0 ? 50 : POLL_MS, undefined, { signal }).catch(() => undefined);
    }
    return this.#newest;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    for (let isTold = false; !signal.aborted; ) {
      try {
        const about = await readLatest(this.#cluster);
        const known = this.#newest?.about;
        if (about === undefined) this.#newest = undefined;
        else if (about.version !== known?.version || about.session !== known.session) {
          this.#newest = { about, weights: await readWeights(this.#cluster, about) };
        }
        isTold = false;
      } catch (error) {
        // The server is away, or newer weights have replaced these while they were read.
        if (!isTold) this.#onMessage(`no newer weights now (${messageOf(error)}); trying again`);
        isTold = true;
      }
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
