import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type Size, sameSize, type VerifiedFactorization, verify } from '@alphatensor-edge/shared';
import { isLiftable } from './lift.js';
import type { LifterReply } from './lifter.js';

/** Most factorizations of a size that wait. More are dropped. */
const MAX_WAITING = 4;

interface LiftHooks {
  onLifted(lifted: VerifiedFactorization, from: VerifiedFactorization): void;
  onError(error: unknown): void;
}

/** Lifts factorizations modulo 2 or 3 in a thread of its own, one at a time, the lowest waiting rank first. Lifts only ever lower ranks. */
export class LiftQueue {
  readonly #hooks: LiftHooks;
  /** Gives the rank known over the integers, or the rationals; only lower ranks are lifted. */
  readonly #knownRank: (size: Size) => number;
  readonly #worker = new Worker(new URL('./lifter.js', import.meta.url));
  /** Ordered by size, smallest first, then by rank, lowest first. Equal ones are ordered newest first. */
  #waiting: VerifiedFactorization[] = [];
  #running: Promise<void> | undefined;

  /** @param knownRank gives the rank known over the integers, or the rationals; only lower ranks are lifted */
  constructor(hooks: LiftHooks, knownRank: (size: Size) => number) {
    this.#hooks = hooks;
    this.#knownRank = knownRank;
  }

  offer(factorization: VerifiedFactorization): void {
    if (!this.#isWorthIt(factorization)) return;
    const isOfSize = ({ size }: VerifiedFactorization): boolean => sameSize(size, factorization.size);
    const ofSize = [factorization, ...this.#waiting.filter(isOfSize)].sort((a, b) => a.rank - b.rank);
    const others = this.#waiting.filter((waiting) => !isOfSize(waiting));
    this.#waiting = [...others, ...ofSize.slice(0, MAX_WAITING)].sort((a, b) => volume(a.size) - volume(b.size));
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
      this.#hooks.onLifted(verify(reply), factorization);
      this.#waiting = this.#waiting.filter((waiting) => this.#isWorthIt(waiting));
    }
  }

  #isWorthIt(factorization: VerifiedFactorization): boolean {
    return factorization.rank < this.#knownRank(factorization.size) && isLiftable(factorization);
  }
}

function volume({ n, m, p }: Size): number {
  return n * m * p;
}
