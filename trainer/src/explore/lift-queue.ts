import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type VerifiedFactorization, verify } from '@alphatensor-edge/shared';
import type { LifterReply } from './lifter.js';

/** Factorizations of one rank that are tried; where all fail, the rank probably cannot be lifted. */
const TRIES = 30;

export interface LiftHooks {
  onLifted(lifted: VerifiedFactorization, from: VerifiedFactorization): void;
  /** A factorization could not be lifted; another of the same rank may. */
  onFailed(): void;
  onError(error: unknown): void;
}

/** Lifts factorizations modulo 2 of ever lower rank in a thread of its own: one at a time, and of those that wait the lowest. */
export class LiftQueue {
  readonly #worker = new Worker(new URL('./lifter.js', import.meta.url));
  #waiting: VerifiedFactorization | undefined;
  #running: Promise<void> | undefined;
  #tries = { rank: Number.POSITIVE_INFINITY, count: 0 };
  #liftedRank = Number.POSITIVE_INFINITY;

  constructor(private readonly hooks: LiftHooks) {}

  offer(factorization: VerifiedFactorization): void {
    const { rank } = factorization;
    if (rank >= this.#liftedRank || rank > (this.#waiting?.rank ?? Number.POSITIVE_INFINITY)) return;
    this.#waiting = factorization;
    this.#running ??= this.#run()
      .catch((error: unknown) => this.hooks.onError(error))
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** Resolves when nothing is being lifted or waits. */
  async finish(): Promise<void> {
    await this.#running;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  async #run(): Promise<void> {
    while (this.#waiting !== undefined) {
      const factorization = this.#waiting;
      this.#waiting = undefined;
      const { rank } = factorization;
      this.#tries = { rank, count: this.#tries.rank === rank ? this.#tries.count + 1 : 1 };
      this.#worker.postMessage(factorization);
      const [reply] = (await once(this.#worker, 'message')) as [LifterReply];
      if (reply !== undefined) {
        this.#liftedRank = rank;
        this.hooks.onLifted(verify(reply), factorization);
      } else if (this.#tries.count < TRIES) this.hooks.onFailed();
    }
  }
}
