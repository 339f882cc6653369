import { beforeAll, describe, expect, it } from 'vitest';
import { gameRules } from '../../../../trainer/src/config.js';
import { startBackend } from '../../../../trainer/src/network/backend.js';
import { Network } from '../../../../trainer/src/network/model.js';
import { permuteExample, sampleTargets } from '../../../../trainer/src/training/example.js';
import type { LearningBatch } from '../../../../trainer/src/training/gradients.js';
import { GraphGradients } from '../../../../trainer/src/training/graph-gradients.js';
import { ReplayBuffer } from '../../../../trainer/src/training/replay-buffer.js';
import { TensorFlowGradients } from '../../../../trainer/src/training/tensorflow-gradients.js';
import { onnxRuntime } from '../../../support/onnx-runtime.js';
import { SEED, SMALL_NETWORK, smallConfig } from '../../../support/small-network.js';

beforeAll(async () => {
  await startBackend('wasm');
});

const BATCH = 6;

function batchOf(config: ReturnType<typeof smallConfig>, network: Network): LearningBatch {
  const random = SEED.split('batch');
  const replay = new ReplayBuffer(gameRules(config), config);
  const examples = Array.from({ length: BATCH }, () => permuteExample(replay.sample(random), network.permutations[1]));
  const targets = examples.map((example) => sampleTargets(example, config.learner.actionsPerPosition, random));
  return {
    positions: examples.map(({ position }) => position),
    actions: targets.flatMap(({ actions }) => actions),
    weights: targets.flatMap(({ weights }) => weights),
    returns: examples.map(({ value }) => value),
  };
}

describe.skipIf(typeof onnxRuntime === 'string')('the gradients through ONNX Runtime', () => {
  const { torso, policy } = SMALL_NETWORK;
  it.each([
    ['every part of the network', SMALL_NETWORK],
    [
      'no blocks, no rank features and the mean of the cells',
      {
        ...SMALL_NETWORK,
        probeNonzeros: 0,
        torso: { ...torso, blocks: 0 },
        summary: { ...SMALL_NETWORK.summary, pooling: 'mean' as const },
        policy: { ...policy, heads: 1, crossAttention: false },
      },
    ],
  ])('equal those through TensorFlow.js, and so do the losses, with %s', async (_, network) => {
    const config = smallConfig({ network });
    const learner = { ...config.learner, valueHuberWidth: 0.5, valueWeight: 3 };
    const net = new Network(config.network, gameRules(config), SEED.split('weights'));
    const batch = batchOf(config, net);
    // Weights of 0 mark places that only fill the batch.
    const weights = batch.weights.map((weight, index) => (index % 5 === 0 ? 0 : weight));
    const graph = new GraphGradients(onnxRuntime as Exclude<typeof onnxRuntime, string>, net, learner);
    const [found, expected] = [
      await graph.compute({ ...batch, weights }),
      await new TensorFlowGradients(net, learner).compute({ ...batch, weights }),
    ];
    await graph.close();
    expect(found.policyLoss).toBeCloseTo(expected.policyLoss, 4);
    expect(found.valueLoss).toBeCloseTo(expected.valueLoss, 5);
    expect(found.gradient.length).toBe(net.parameters.count);
    let offset = 0;
    for (const { name, values } of net.parameters.export()) {
      const [ours, theirs] = [found, expected].map(({ gradient }) => gradient.subarray(offset, offset + values.length));
      offset += values.length;
      const largest = theirs.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      const difference = ours.reduce((most, x, index) => Math.max(most, Math.abs(x - theirs[index])), 0);
      expect({ name, difference: difference <= 1e-6 + 1e-4 * largest }).toEqual({ name, difference: true });
    }
    expect(expected.gradient.some((x) => x !== 0)).toBe(true);
    net.dispose();
  });
});
