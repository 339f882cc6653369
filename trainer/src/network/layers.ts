import * as tf from '@tensorflow/tfjs';
import { affine, affineOfData, normalize, relu, sumRows } from './ops.js';
import type { Parameters } from './parameters.js';

/** Applies an affine map to the last axis. `gain` scales the initial weights, whose deviation is gain / sqrt(inputs). */
export function linear(p: Parameters, name: string, x: tf.Tensor, outputs: number, gain = 1): tf.Tensor {
  return mapLastAxis(p, name, x, outputs, gain, affine);
}

/** Applies an affine map like `linear`, to inputs of the network, which need no gradient. */
export function embed(p: Parameters, name: string, x: tf.Tensor, outputs: number, gain = 1): tf.Tensor {
  return mapLastAxis(p, name, x, outputs, gain, affineOfData);
}

function mapLastAxis(
  p: Parameters,
  name: string,
  x: tf.Tensor,
  outputs: number,
  gain: number,
  map: typeof affine,
): tf.Tensor {
  const inputs = x.shape[x.shape.length - 1] as number;
  const w = p.get(`${name}/w`, [inputs, outputs], { deviation: gain / Math.sqrt(inputs) });
  const b = p.get(`${name}/b`, [outputs], { fill: 0 });
  const y = map(tf.reshape(x, [-1, inputs]), w as unknown as tf.Tensor2D, b as unknown as tf.Tensor1D);
  return tf.reshape(y, [...x.shape.slice(0, -1), outputs] as number[]);
}

/** Normalizes the last axis (layer normalization), with a learnt scale and shift. */
export function layerNorm(p: Parameters, name: string, x: tf.Tensor): tf.Tensor {
  const width = x.shape[x.shape.length - 1] as number;
  const scale = p.get(`${name}/scale`, [width], { fill: 1 });
  const shift = p.get(`${name}/shift`, [width], { fill: 0 });
  return scaleAndShift(normalize(x), scale, shift);
}

/** Computes x * scale + shift over the last axis. The gradients sum over rows by matmuls, which are fast in WASM. */
function scaleAndShift(x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor): tf.Tensor {
  const operation = tf.customGrad((...inputs) => {
    const [x, scale, shift, save] = inputs as unknown as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    save([x, scale]);
    return {
      value: tf.add(tf.mul(x, scale), shift),
      gradFunc: (dy: tf.Tensor, [x, scale]: tf.Tensor[]) => [tf.mul(dy, scale), sumRows(tf.mul(dy, x)), sumRows(dy)],
    };
  });
  return operation(x, scale, shift);
}

/** Computes x + W2 relu(W1 norm(x)); `hidden` is the width of the hidden layer. */
export function feedForward(p: Parameters, name: string, x: tf.Tensor, hidden: number): tf.Tensor {
  const width = x.shape[x.shape.length - 1] as number;
  const inner = relu(linear(p, `${name}/in`, layerNorm(p, `${name}/norm`, x), hidden, Math.SQRT2));
  return tf.add(x, linear(p, `${name}/out`, inner, width, 0.5));
}

/** Holds keys and values, each [batch, heads, time, width / heads]. */
export interface KeysAndValues {
  readonly keys: tf.Tensor4D;
  readonly values: tf.Tensor4D;
}

/** Turns [batch, time, width] into [batch, heads, time, width / heads]. */
export function splitHeads(x: tf.Tensor, heads: number): tf.Tensor4D {
  const [batch, time, width] = x.shape;
  if (heads === 1) return tf.reshape(x, [batch, 1, time, width]);
  return tf.transpose(tf.reshape(x, [batch, time, heads, width / heads]), [0, 2, 1, 3]) as tf.Tensor4D;
}

/**
 * Computes softmax(q k^T / sqrt(d) + mask) v and merges the heads, [batch, time, width]. `mask` broadcasts over
 * [batch, heads, time, keys].
 */
export function attend(queries: tf.Tensor4D, { keys, values }: KeysAndValues, mask?: tf.Tensor): tf.Tensor {
  const [batch, heads, time, width] = queries.shape;
  const scores = tf.matMul(tf.mul(queries, 1 / Math.sqrt(width)), keys, false, true);
  const weights = tf.softmax(mask === undefined ? scores : tf.add(scores, mask));
  const mixed = tf.matMul(weights, values) as tf.Tensor4D;
  if (heads === 1) return tf.reshape(mixed, [batch, time, width]);
  return tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [batch, time, heads * width]);
}

/**
 * Computes the keys and values of cells or tokens, x [batch, time, inputs]. Each has a map of its own, as splitting a joint one copies
 * slowly in WASM.
 */
export function keysAndValues(p: Parameters, name: string, x: tf.Tensor, width: number, heads: number): KeysAndValues {
  return {
    keys: splitHeads(linear(p, `${name}/keys`, x, width), heads),
    values: splitHeads(linear(p, `${name}/values`, x, width), heads),
  };
}

/** Applies self-attention with pre-normalization and a residual connection, [batch, time, width]. */
export function selfAttention(p: Parameters, name: string, x: tf.Tensor, heads: number): tf.Tensor {
  const width = x.shape[2] as number;
  const normalized = layerNorm(p, `${name}/norm`, x);
  const queries = splitHeads(linear(p, `${name}/queries`, normalized, width), heads);
  const mixed = attend(queries, keysAndValues(p, name, normalized, width, heads));
  return tf.add(x, linear(p, `${name}/out`, mixed, width, 0.5));
}
