import * as tf from '@tensorflow/tfjs';
import type { TrainingConfig } from '../config.js';
import type { Network } from '../network/model.js';
import { dispose, tidy } from '../network/ops.js';
import type { GradientEngine, Gradients, LearningBatch } from './gradients.js';
import { policyLoss, quantileHuberLoss } from './losses.js';

/** Computes gradients through TensorFlow.js. */
export class TensorFlowGradients implements GradientEngine {
  readonly #network: Network;
  readonly #config: Pick<TrainingConfig['learner'], 'valueWeight' | 'valueHuberWidth'>;

  constructor(network: Network, config: Pick<TrainingConfig['learner'], 'valueWeight' | 'valueHuberWidth'>) {
    this.#network = network;
    this.#config = config;
  }

  async compute({ positions, actions, weights, returns }: LearningBatch): Promise<Gradients> {
    const { valueWeight, valueHuberWidth } = this.#config;
    let ofPolicy = 0;
    let ofValue = 0;
    const { gradient } = gradientOf(() => {
      const { negativeLogProbabilities, quantiles } = this.#network.forward({ positions, actions });
      const policy = policyLoss(negativeLogProbabilities, tf.tensor1d([...weights]), positions.length);
      const value = quantileHuberLoss(quantiles, tf.tensor1d([...returns]), valueHuberWidth);
      ofPolicy = policy.dataSync()[0];
      ofValue = value.dataSync()[0];
      return tf.add(policy, tf.mul(value, valueWeight));
    }, this.#network.parameters.variables);
    return { policyLoss: ofPolicy, valueLoss: ofValue, gradient };
  }

  async close(): Promise<void> {}
}

/** Computes a loss and its gradient with respect to variables, one variable after the other. */
export function gradientOf(
  loss: () => tf.Scalar,
  variables: readonly tf.Variable[],
): { readonly loss: number; readonly gradient: Float32Array } {
  const { value, flat } = tidy(() => {
    const { value, grads } = tf.variableGrads(loss, [...variables]);
    return { value, flat: tf.concat(variables.map(({ name }) => tf.reshape(grads[name], [-1]) as tf.Tensor1D)) };
  });
  const result = { loss: value.dataSync()[0], gradient: flat.dataSync() as Float32Array };
  dispose([value, flat]);
  return result;
}
