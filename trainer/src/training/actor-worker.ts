import { parentPort, workerData } from 'node:worker_threads';
import { Random, type RandomState } from '@alphatensor-edge/shared';
import { gameRules, type TrainingConfig } from '../config.js';
import { startBackend, type TfBackend } from '../network/backend.js';
import { Network } from '../network/model.js';
import { actGames } from './actor.js';
import type { ActedGame, Round } from './round.js';

// This program runs in a worker thread and plays its share of each round of games; see actor-pool.ts.

/** Holds what a worker is started with. */
export interface ActorData {
  readonly config: TrainingConfig;
  readonly backend: TfBackend;
  /** Shared with the main thread, which writes them only between two rounds. */
  readonly weights: Float32Array;
  readonly worker: number;
  readonly workers: number;
}

/** Tells a worker to play a round, or to stop the one it plays. */
export type ActorOrder =
  | ({ readonly kind: 'act'; readonly random: RandomState } & Omit<Round, 'random' | 'signal'>)
  | { readonly kind: 'stop' };

/** Holds a worker's answer to an order to act. */
export type ActorMessage =
  | { readonly kind: 'played'; readonly games: readonly ActedGame[] }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly error: string };

if (parentPort !== null) {
  const { config, backend, weights, worker, workers } = workerData as ActorData;
  const port = parentPort;
  let network: Network | undefined;
  let stop = new AbortController();

  const act = async ({ random, ...round }: Extract<ActorOrder, { kind: 'act' }>): Promise<readonly ActedGame[]> => {
    if (network === undefined) {
      await startBackend(backend);
      network = new Network(
        config.network,
        gameRules(config),
        new Random('replaced by the weights of the main thread'),
      );
    }
    importShared(network, weights);
    const share = { worker, workers };
    return actGames(network, config, { ...round, random: new Random(random), share, signal: stop.signal });
  };

  port.on('message', (order: ActorOrder) => {
    if (order.kind === 'stop') {
      stop.abort();
      return;
    }
    stop = new AbortController();
    act(order)
      .then((games): ActorMessage => ({ kind: 'played', games }))
      .catch(
        (error: unknown): ActorMessage =>
          stop.signal.aborted ? { kind: 'cancelled' } : { kind: 'failed', error: String(error) },
      )
      .then((message) => port.postMessage(message));
  });
}

function importShared({ parameters }: Network, weights: Float32Array): void {
  let offset = 0;
  parameters.import(
    parameters.export().map(({ name, shape, values }) => {
      // A copy, as a backend may keep the array.
      const mine = weights.slice(offset, offset + values.length);
      offset += values.length;
      return { name, shape, values: mine };
    }),
  );
}
