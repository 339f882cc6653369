import { mean, type Random } from '@alphatensor-edge/shared';
import * as tf from '@tensorflow/tfjs';
import type { TrainingConfig } from '../config.js';
import type { Network } from '../network/model.js';
import { permuteExample, sampleTargets, type TrainingExample } from './example.js';
import { policyLoss, quantileHuberLoss } from './losses.js';
import type { AdamW } from './optimizer.js';

/** Holds the metrics of one step, or the means over several. */
export interface StepMetrics {
  readonly policyLoss: number;
  readonly valueLoss: number;
  /** The global norm before clipping. */
  readonly gradientNorm: number;
}

/** Makes one learner step on a batch. Each example is shown in one of the network's signed permutations. */
export function learn(
  network: Network,
  optimizer: AdamW,
  examples: readonly TrainingExample[],
  config: TrainingConfig['learner'],
  random: Random,
): StepMetrics {
  const { permutations } = network;
  const seen = examples.map((example) => permuteExample(example, permutations[random.int(permutations.length)]));
  const targets = seen.map((example) => sampleTargets(example, config.actionsPerPosition, random));
  const batch = {
    positions: seen.map(({ position }) => position),
    actions: targets.flatMap(({ actions }) => actions),
  };
  const weights = targets.flatMap((target) => target.weights);
  const returns = seen.map(({ value }) => value);
  let policy = 0;
  let value = 0;
  const { gradientNorm } = optimizer.minimize(() => {
    const { negativeLogProbabilities, quantiles } = network.forward(batch);
    const ofPolicy = policyLoss(negativeLogProbabilities, tf.tensor1d(weights), seen.length);
    const ofValue = quantileHuberLoss(quantiles, tf.tensor1d(returns), config.valueHuberWidth);
    policy = ofPolicy.dataSync()[0];
    value = ofValue.dataSync()[0];
    return tf.add(ofPolicy, tf.mul(ofValue, config.valueWeight));
  });
  return { policyLoss: policy, valueLoss: value, gradientNorm };
}

/** Computes the means over a few steps. */
export function meanOfSteps(steps: readonly StepMetrics[]): StepMetrics {
  return {
    policyLoss: mean(steps.map(({ policyLoss }) => policyLoss)),
    valueLoss: mean(steps.map(({ valueLoss }) => valueLoss)),
    gradientNorm: mean(steps.map(({ gradientNorm }) => gradientNorm)),
  };
}
