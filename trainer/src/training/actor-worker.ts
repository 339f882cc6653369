import { parentPort, workerData } from 'node:worker_threads';
import { Random, type RandomState } from '@alphatensor-edge/shared';
import { actGames } from './actor.js';
import type { ActedGame, Round } from './round.js';
import { type PlayerData, type WorkerPlayer, workerPlayer } from './worker-player.js';

// This program runs in a worker thread and plays its share of each round of games; see actor-pool.ts.

/** Holds what a worker is started with. */
export interface ActorData extends PlayerData {
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
  const { config, acting, shapes, weights, worker, workers } = workerData as ActorData;
  const port = parentPort;
  let player: WorkerPlayer | undefined;
  let stop = new AbortController();

  const act = async ({ random, ...round }: Extract<ActorOrder, { kind: 'act' }>): Promise<readonly ActedGame[]> => {
    player ??= await workerPlayer({ config, acting, shapes });
    const sampler = await player(weights);
    const share = { worker, workers };
    return actGames(sampler, config, { ...round, random: new Random(random), share, signal: stop.signal });
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
