import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type VerifiedFactorization, verify } from '@alphatensor-edge/shared';
import type { LifterReply } from './lifter.js';

/** Most factorizations that wait. More are dropped. */
const MAX_WAITING = 4;

interface LiftHooks {
  onLifted(lifted: VerifiedFactorization, from: VerifiedFactorization): void;
  onError(error: unknown): void;
}

/** Lifts factorizations modulo 2 in a thread of its own, one at a time, the lowest waiting rank first. Lifts only ever lower ranks. */
export class LiftQueue {
  readonly #hooks: LiftHooks;
  readonly #worker = new Worker(new URL('./lifter.js', import.meta.url));
  /** Ordered by rank, lowest first. Equal ranks are ordered newest first. */
  #waiting: VerifiedFactorization[] = [];
  #running: Promise<void> | undefined;
  #liftedRank: number;

  /** @param knownRank only lower ranks are lifted */
  constructor(hooks: LiftHooks, knownRank: number) {
    this.#hooks = hooks;
    this.#liftedRank = knownRank;
  }

  offer(factorization: VerifiedFactorization): void {
    if (factorization.rank >= this.#liftedRank) return;
    this.#waiting = [factorization, ...this.#waiting].sort((a, b) => a.rank - b.rank).slice(0, MAX_WAITING);
    this.#running ??= this.#run()
      .catch((error: unknown) => this.#hooks.onError(error))
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** Resolves when nothing is lifted or waits. */
  async finish(): Promise<void> {
    await this.#running;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  async #run(): Promise<void> {
    for (;;) {
      const factorization = this.#waiting.shift();
      if (factorization === undefined) return;
      this.#worker.postMessage(factorization);
      const [reply] = (await once(this.#worker, 'message')) as [LifterReply];
      if (reply === undefined) continue;
      this.#liftedRank = factorization.rank;
      this.#waiting = this.#waiting.filter(({ rank }) => rank < this.#liftedRank);
      this.#hooks.onLifted(verify(reply), factorization);
    }
  }
}
