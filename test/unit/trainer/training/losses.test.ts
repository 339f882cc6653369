import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../../../shared/src/index.js';
import { startBackend } from '../../../../trainer/src/network/backend.js';
import { quantileLevels } from '../../../../trainer/src/network/value-head.js';
import { PRESETS } from '../../../../trainer/src/presets.js';
import { policyLoss, quantileHuberLoss } from '../../../../trainer/src/training/losses.js';
import { AdamW, type LearntWeights, learningRateAt } from '../../../../trainer/src/training/optimizer.js';
import { gradientOf } from '../../../../trainer/src/training/tensorflow-gradients.js';

beforeAll(async () => {
  await startBackend('cpu');
});

function minimize(optimizer: AdamW, variables: readonly tf.Variable[], of: () => tf.Scalar) {
  const { loss, gradient } = gradientOf(of, variables);
  return { loss, norm: optimizer.apply(gradient) };
}

/** Lets an optimizer change a variable of TensorFlow.js. */
function weightsOf(variable: tf.Variable): LearntWeights {
  const flat = Float32Array.from(variable.dataSync());
  return {
    flat,
    shapes: [variable.shape],
    noteChange: () => variable.assign(tf.tensor(flat.slice(), variable.shape)),
  };
}

const PLAIN = {
  learningRate: 0.1,
  warmupSteps: 0,
  decaySteps: 100,
  decayFactor: 0.1,
  weightDecay: 0,
  clipNorm: 1e9,
};

describe('the value loss', () => {
  it('recovers the quantiles of a known distribution', () => {
    // Uniform on [-20, 20]: wide beside the Huber width of 1, so that the quantiles are hardly smoothed.
    const random = new Random(7);
    const returns = tf.tensor1d(Array.from({ length: 200 }, (_, i) => -20 + (40 * (i + random.float())) / 200));
    const quantiles = tf.variable(tf.zeros([1, 8]));
    const optimizer = new AdamW({ ...PLAIN, learningRate: 0.5, decaySteps: 200 }, weightsOf(quantiles));
    for (let step = 0; step < 300; step++) {
      minimize(optimizer, [quantiles], () => quantileHuberLoss(quantiles as unknown as tf.Tensor2D, returns, 1));
    }
    const found = quantiles.dataSync();
    quantileLevels(8).forEach((tau, i) => {
      expect(found[i]).toBeCloseTo(-20 + 40 * tau, 0);
    });
  });

  it('of every preset tells neighbouring integers apart', () => {
    const valueHuberWidth = Math.max(...Object.values(PRESETS).map(({ learner }) => learner.valueHuberWidth));
    const returns = tf.tensor1d(Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? -7 : -8)));
    const quantiles = tf.variable(tf.fill([1, 8], -6));
    const optimizer = new AdamW({ ...PLAIN, learningRate: 0.1, decaySteps: 100 }, weightsOf(quantiles));
    for (let step = 0; step < 150; step++) {
      minimize(optimizer, [quantiles], () =>
        quantileHuberLoss(quantiles as unknown as tf.Tensor2D, returns, valueHuberWidth),
      );
    }
    const found = quantiles.dataSync();
    quantileLevels(8).forEach((tau, i) => {
      expect(Math.abs(found[i] - (tau < 0.5 ? -8 : -7))).toBeLessThan(0.15);
    });
  });

  it('is the hand-worked sum for one return', () => {
    // Errors 0.5 and 3 at levels 1/4 and 3/4: 1/4 * 0.125 and 3/4 * 2.5, averaged; then from above.
    const loss = (returns: number, width: number): number =>
      quantileHuberLoss(tf.tensor2d([[-1.5, -4]]), tf.tensor1d([returns]), width).dataSync()[0];
    expect(loss(-1, 1)).toBeCloseTo((0.25 * 0.125 + 0.75 * 2.5) / 2);
    expect(loss(-5, 1)).toBeCloseTo((0.75 * 3 + 0.25 * 0.5) / 2);
    // With width 2 the error 0.5 gives 0.0625, and 3 gives 2.
    expect(loss(-1, 2)).toBeCloseTo((0.25 * 0.0625 + 0.75 * 2) / 2);
  });
});

describe('the policy loss', () => {
  it('weighs each action by the improved policy and averages over positions', () => {
    const loss = policyLoss(tf.tensor1d([1, 2, 4, 9]), tf.tensor1d([0.25, 0.75, 1, 0]), 2);
    expect(loss.dataSync()[0]).toBeCloseTo((0.25 + 1.5 + 4) / 2);
  });
});

describe('AdamW', () => {
  it('takes the steps of the published algorithm', () => {
    const weight = tf.variable(tf.tensor2d([[2]]));
    const optimizer = new AdamW({ ...PLAIN, weightDecay: 0.5 }, weightsOf(weight));
    // By hand: gradient 2w; first step = rate * sign, plus decoupled decay rate * 0.5 * w.
    minimize(optimizer, [weight], () => tf.sum(tf.square(weight)) as tf.Scalar);
    expect(weight.dataSync()[0]).toBeCloseTo(2 - 0.1 - 0.1 * 0.5 * 2, 5);
    const second = weight.dataSync()[0];
    const rate = learningRateAt(1, PLAIN);
    const m = (0.9 * 0.1 * 4 + 0.1 * 2 * second) / (1 - 0.9 ** 2);
    const v = (0.999 * 0.001 * 16 + 0.001 * (2 * second) ** 2) / (1 - 0.999 ** 2);
    minimize(optimizer, [weight], () => tf.sum(tf.square(weight)) as tf.Scalar);
    expect(weight.dataSync()[0]).toBeCloseTo(second - (rate * m) / Math.sqrt(v) - rate * 0.5 * second, 5);
  });

  it('clips the gradient before the moments see it, and spares vectors from decay', () => {
    const weight = tf.variable(tf.tensor1d([3, 4]));
    const optimizer = new AdamW({ ...PLAIN, weightDecay: 10, clipNorm: 1 }, weightsOf(weight));
    const { norm, loss } = minimize(optimizer, [weight], () => tf.mul(tf.sum(tf.square(weight)), 0.5) as tf.Scalar);
    expect(norm).toBeCloseTo(5);
    expect(loss).toBeCloseTo(12.5);
    expect([...optimizer.export().first]).toEqual([expect.closeTo(0.06), expect.closeTo(0.08)]);
    expect(weight.dataSync()[0]).toBeCloseTo(2.9, 4);
  });

  it('warms up and decays', () => {
    const config = { ...PLAIN, warmupSteps: 10 };
    expect(learningRateAt(0, config)).toBeCloseTo(0.01, 3);
    expect(learningRateAt(100, config)).toBeCloseTo(0.01);
  });
});
