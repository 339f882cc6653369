import { Random } from '@alphatensor-edge/shared';
import { gameRules, type TrainingConfig } from '../config.js';
import type { ActiveActBackend } from '../network/act-backend.js';
import { startBackend } from '../network/backend.js';
import { networkLayout } from '../network/layout.js';
import { Network } from '../network/model.js';
import { GraphSampler } from '../network/onnx/graph-sampler.js';
import { loadRuntime } from '../network/onnx/runtime.js';
import type { StoredWeight } from '../network/parameters.js';
import type { Sampler } from '../network/sampler.js';

// A worker thread that plays games has its own copy of the network, with weights that the main thread shares with it.

/** Holds what a worker's copy of the network is made with. */
export interface PlayerData {
  readonly config: TrainingConfig;
  readonly acting: ActiveActBackend;
  /** The names and shapes of the weights, in the network's order. */
  readonly shapes: readonly Pick<StoredWeight, 'name' | 'shape'>[];
}

/** Gives what plays with shared weights: all of them in the network's order, one after the other. */
export type WorkerPlayer = (weights: Float32Array) => Promise<Sampler>;

/** Makes the player of this thread. */
export async function workerPlayer({ config, acting, shapes }: PlayerData): Promise<WorkerPlayer> {
  const play = acting.name === 'onnx' ? playThroughGraphs(config) : await playThroughTensorFlow(config, acting);
  return (weights) => play(copyShared(shapes, weights));
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

/** Makes an array that worker threads can read too, with all weights in their order. */
export function shareWeights(weights: readonly StoredWeight[]): Float32Array {
  const length = weights.reduce((sum, { values }) => sum + values.length, 0);
  const shared = new Float32Array(new SharedArrayBuffer(4 * length));
  writeWeights(weights, shared);
  return shared;
}

/** Writes weights into an array, one after the other. */
export function writeWeights(weights: readonly Pick<StoredWeight, 'values'>[], into: Float32Array): void {
  let offset = 0;
  for (const { values } of weights) {
    into.set(values, offset);
    offset += values.length;
  }
}

/** Copies the shared weights, as a backend may keep the arrays. */
function copyShared(shapes: PlayerData['shapes'], weights: Float32Array): StoredWeight[] {
  let offset = 0;
  return shapes.map(({ name, shape }) => {
    const length = shape.reduce((x, y) => x * y, 1);
    const values = weights.slice(offset, offset + length);
    offset += length;
    return { name, shape, values };
  });
}
