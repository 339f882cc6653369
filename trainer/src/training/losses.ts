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
 * Computes the quantile Huber loss (Dabney et al., "Distributional reinforcement learning with quantile regression", AAAI 2018): the
 * mean over the batch and the quantiles of |tau - [error < 0]| * huber(error) / width, where error = return - quantile. Within `width`
 * of a return a quantile is drawn towards a mean of the returns. So that it does not lie between two integers that it should tell
 * apart, `width` is well below 1/2.
 * @param quantiles [batch, quantiles]
 * @param returns [batch]
 * @param width kappa, above 0, in units of the return
 */
export function quantileHuberLoss(quantiles: tf.Tensor2D, returns: tf.Tensor1D, width: number): tf.Scalar {
  const error = tf.sub(tf.expandDims(returns, 1), quantiles);
  const levels = tf.tensor1d(quantileLevels(quantiles.shape[1]));
  const above = tf.mul(levels, huber(tf.relu(error), width));
  const below = tf.mul(tf.sub(1, levels), huber(tf.relu(tf.neg(error)), width));
  return tf.mean(tf.add(above, below)) as tf.Scalar;
}

/** Computes x^2 / (2 width) for x up to `width` and x - width/2 beyond; x must not be negative. */
function huber(x: tf.Tensor, width: number): tf.Tensor {
  const capped = tf.minimum(x, width);
  return tf.div(tf.mul(capped, tf.sub(x, tf.mul(capped, 0.5))), width);
}
