import * as tf from '@tensorflow/tfjs';
import { quantileLevels } from '../network/value-head.js';

/**
 * Computes the mean over positions of -sum over k of I(a_k) log pi(a_k).
 * @param negativeLogProbabilities [positions * actionsPerPosition]
 * @param weights I, of the same shape; those of a position sum to 1, or to 0 if its policy is not trained
 */
export function policyLoss(negativeLogProbabilities: tf.Tensor1D, weights: tf.Tensor1D, positions: number): tf.Scalar {
  return tf.div(tf.sum(tf.mul(negativeLogProbabilities, weights)), positions) as tf.Scalar;
}

/**
 * Computes the quantile Huber loss with kappa = 1 (Dabney et al., "Distributional reinforcement learning with quantile regression",
 * AAAI 2018): the mean over the batch and the quantiles of |tau - [error < 0]| * huber(error), where error = return - quantile.
 * @param quantiles [batch, quantiles]
 * @param returns [batch]
 */
export function quantileHuberLoss(quantiles: tf.Tensor2D, returns: tf.Tensor1D): tf.Scalar {
  const error = tf.sub(tf.expandDims(returns, 1), quantiles);
  const levels = tf.tensor1d(quantileLevels(quantiles.shape[1]));
  const above = tf.mul(levels, huber(tf.relu(error)));
  const below = tf.mul(tf.sub(1, levels), huber(tf.relu(tf.neg(error))));
  return tf.mean(tf.add(above, below)) as tf.Scalar;
}

/** Computes x^2/2 for x up to 1 and x - 1/2 beyond; x must not be negative. */
function huber(x: tf.Tensor): tf.Tensor {
  const capped = tf.minimum(x, 1);
  return tf.mul(capped, tf.sub(x, tf.mul(capped, 0.5)));
}
