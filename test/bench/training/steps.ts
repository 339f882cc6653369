import { performance } from 'node:perf_hooks';
import { Random, type Size } from '@alphatensor-edge/shared';
import { gameRules } from '@alphatensor-edge/trainer/config.js';
import { chooseActBackend } from '@alphatensor-edge/trainer/network/act-backend.js';
import { startBackend } from '@alphatensor-edge/trainer/network/backend.js';
import { Network } from '@alphatensor-edge/trainer/network/model.js';
import { gradientsOf } from '@alphatensor-edge/trainer/training/gradient-engine.js';
import { learn } from '@alphatensor-edge/trainer/training/learner.js';
import { AdamW } from '@alphatensor-edge/trainer/training/optimizer.js';
import { ReplayBuffer } from '@alphatensor-edge/trainer/training/replay-buffer.js';
import { configFor, describeNetwork } from '../common/networks.js';
import { type NetworkName, tfBackend } from '../common/options.js';
import { profiled, type Shares } from '../common/profile.js';

export const url = import.meta.url;

export interface Row {
  readonly tfBackend: string;
  readonly learnBackend: 'onnx' | 'tfjs';
  readonly size: Size;
  readonly network: NetworkName;
  /** Samples a step. */
  readonly batch: number;
  readonly seconds: number;
}

export interface Result {
  readonly backend: string;
  readonly networkSize: string;
  readonly weights: number;
  readonly actionsPerPosition: number;
  readonly stepsPerSecond: number;
  readonly samplesPerSecond: number;
  readonly shares: Shares;
  readonly peakProcessBytes: number;
}

/** Steps for so many seconds, at least one; the first, in which weights and memory are made, is not timed. */
export async function work({
  tfBackend: backend,
  learnBackend,
  size,
  network: name,
  batch,
  seconds,
}: Row): Promise<Result> {
  const config = configFor(size, name);
  const random = new Random(1);
  const active = await startBackend(tfBackend(backend));
  const learning = chooseActBackend(learnBackend, active, '--learn-backend');
  const network = new Network(config.network, gameRules(config), random.split('weights'));
  const learner = {
    gradients: gradientsOf(network, config.learner, learning),
    optimizer: new AdamW(config.learner, network.parameters),
    coordinates: network,
  };
  const replay = new ReplayBuffer(gameRules(config), config);
  const step = async (): Promise<void> => {
    const examples = Array.from({ length: batch }, () => replay.sample(random));
    await learn(learner, examples, config.learner, random);
  };
  await step();
  const began = performance.now();
  const { result: steps, shares } = await profiled(async () => {
    let done = 0;
    while (done === 0 || performance.now() - began < seconds * 1000) {
      await step();
      done++;
    }
    return done;
  });
  const elapsed = (performance.now() - began) / 1000;
  return {
    backend: learning.description,
    networkSize: describeNetwork(config.network),
    weights: network.parameters.count,
    actionsPerPosition: config.learner.actionsPerPosition,
    stepsPerSecond: steps / elapsed,
    samplesPerSecond: (steps * batch) / elapsed,
    shares,
    peakProcessBytes: process.resourceUsage().maxRSS * 1024,
  };
}
