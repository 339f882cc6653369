import { Worker } from 'node:worker_threads';
import { AlphaTensorError, verify } from '@alphatensor-edge/shared';
import type { TrainingConfig } from '../config.js';
import { type ActiveActBackend, onThreads } from '../network/act-backend.js';
import type { Network } from '../network/model.js';
import type { ActorData, ActorMessage, ActorOrder } from './actor-worker.js';
import type { ActedGame, Actors, Round } from './round.js';
import { shareWeights, writeWeights } from './worker-player.js';

/**
 * Plays rounds of games on worker threads. Each thread has its own copy of the network, and its own TensorFlow.js backend if that plays. Game i of a
 * round is always played by worker i modulo their number and draws the same random numbers. So a round depends on the number of workers,
 * but not on which of them is faster. The reward is the plain one, as only the main thread has the measurements that others need.
 */
export class ActorPool implements Actors {
  readonly #network: Network;
  readonly #workers: readonly Worker[];
  /** All weights of the network, in its order; the workers read them at the beginning of a round. */
  readonly #weights: Float32Array;

  constructor(network: Network, config: TrainingConfig, acting: ActiveActBackend, workers: number) {
    this.#network = network;
    const weights = network.parameters.export();
    this.#weights = shareWeights(weights);
    const played = onThreads(acting);
    const shapes = weights.map(({ name, shape }) => ({ name, shape }));
    this.#workers = Array.from({ length: workers }, (_, worker) => {
      const workerData: ActorData = { config, acting: played, shapes, weights: this.#weights, worker, workers };
      return new Worker(new URL('./actor-worker.js', import.meta.url), { workerData });
    });
  }

  /**
   * Plays a round with the network's weights of this moment.
   * @throws AlphaTensorError CANCELLED if `signal` was aborted, once every worker has stopped; INTERNAL if a worker failed
   */
  async act({ random, signal, ...round }: Round): Promise<ActedGame[]> {
    writeWeights(this.#network.parameters.export(), this.#weights);
    const order: ActorOrder = { kind: 'act', random: random.state, ...round };
    const stop = (): void => this.#tell({ kind: 'stop' });
    signal?.addEventListener('abort', stop);
    try {
      const answers = Promise.allSettled(this.#workers.map(nextAnswer));
      this.#tell(order);
      if (signal?.aborted) stop();
      const shares = (await answers).map((answer) => {
        if (answer.status === 'rejected') throw answer.reason;
        return answer.value;
      });
      return Array.from({ length: round.games + (round.begun?.length ?? 0) }, (_, index) => {
        const game = shares[index % shares.length][Math.floor(index / shares.length)];
        // A factorization in a message is not verified yet.
        return { ...game, found: game.found.map(verify) };
      });
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #tell(order: ActorOrder): void {
    for (const worker of this.#workers) worker.postMessage(order);
  }
}

/** Waits for the games of a worker's share. A worker answers each order to act once. */
function nextAnswer(worker: Worker): Promise<readonly ActedGame[]> {
  return new Promise((resolve, reject) => {
    const take = (message: ActorMessage): void => {
      worker.off('error', reject);
      if (message.kind === 'played') resolve(message.games);
      else if (message.kind === 'cancelled') {
        reject(new AlphaTensorError('CANCELLED', 'The round was stopped before its games were over.'));
      } else reject(new AlphaTensorError('INTERNAL', `A worker thread that plays games failed: ${message.error}`));
    };
    worker.once('message', take);
    worker.once('error', reject);
  });
}
