import { parentPort, workerData } from 'node:worker_threads';
import { Random, type RandomState } from '@alphatensor-edge/shared';
import { gameRules, type TrainingConfig } from '../config.js';
import type { ActiveActBackend } from '../network/act-backend.js';
import { startBackend } from '../network/backend.js';
import { networkLayout } from '../network/layout.js';
import { Network } from '../network/model.js';
import { GraphSampler } from '../network/onnx/graph-sampler.js';
import { loadRuntime } from '../network/onnx/runtime.js';
import type { StoredWeight } from '../network/parameters.js';
import type { Sampler } from '../network/sampler.js';
import { actGames } from './actor.js';
import type { ActedGame, Round } from './round.js';

// This program runs in a worker thread and plays its share of each round of games; see actor-pool.ts.

/** Holds what a worker is started with. */
export interface ActorData {
  readonly config: TrainingConfig;
  readonly acting: ActiveActBackend;
  /** The names and shapes of the weights, in the network's order. */
  readonly shapes: readonly Pick<StoredWeight, 'name' | 'shape'>[];
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
  let player: ((weights: readonly StoredWeight[]) => Promise<Sampler>) | undefined;
  let stop = new AbortController();

  const act = async ({ random, ...round }: Extract<ActorOrder, { kind: 'act' }>): Promise<readonly ActedGame[]> => {
    player ??= acting.name === 'onnx' ? playThroughGraphs(config) : await playThroughTensorFlow(config, acting);
    const sampler = await player(copyShared(shapes, weights));
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

function playThroughGraphs(config: TrainingConfig) {
  const sampler = new GraphSampler(loadRuntime(), networkLayout(config.network, gameRules(config)), []);
  return async (weights: readonly StoredWeight[]): Promise<Sampler> => {
    await sampler.renew(weights);
    return sampler;
  };
}

async function playThroughTensorFlow(config: TrainingConfig, { tfBackend }: ActiveActBackend) {
  await startBackend(tfBackend);
  const random = new Random('replaced by the weights of the main thread');
  const network = new Network(config.network, gameRules(config), random);
  return async (weights: readonly StoredWeight[]): Promise<Sampler> => {
    network.parameters.import(weights);
    return network;
  };
}

/** Copies the shared weights, as a backend may keep the arrays. */
function copyShared(shapes: ActorData['shapes'], weights: Float32Array): StoredWeight[] {
  let offset = 0;
  return shapes.map(({ name, shape }) => {
    const length = shape.reduce((x, y) => x * y, 1);
    const values = weights.slice(offset, offset + length);
    offset += length;
    return { name, shape, values };
  });
}
