import * as tf from '@tensorflow/tfjs';
import type { InitialWeight, Operations } from './operations.js';
import { affine, affineOfData, normalize, relu, repeatRows, scaleAndShift } from './ops.js';
import type { Parameters } from './parameters.js';

/** Computes the network's operations by TensorFlow.js, with gradients. Call them inside a tidy. */
export class TensorFlowOperations implements Operations<tf.Tensor> {
  readonly #parameters: Parameters;

  constructor(parameters: Parameters) {
    this.#parameters = parameters;
  }

  weight(name: string, shape: number[], initial: InitialWeight): tf.Tensor {
    return this.#parameters.get(name, shape, initial);
  }

  constant(values: Float32Array, shape: number[]): tf.Tensor {
    return tf.tensor(values, shape);
  }

  shapeOf(x: tf.Tensor): readonly number[] {
    return x.shape;
  }

  affine(x: tf.Tensor, w: tf.Tensor, b: tf.Tensor): tf.Tensor {
    return overLastAxis(affine, x, w, b);
  }

  affineOfData(x: tf.Tensor, w: tf.Tensor, b: tf.Tensor): tf.Tensor {
    return overLastAxis(affineOfData, x, w, b);
  }

  lookUp(tokens: tf.Tensor, w: tf.Tensor, b: tf.Tensor): tf.Tensor {
    // By a matmul, as tf.gather has no gradient in WASM.
    const [count] = w.shape;
    const oneHot = tf.cast(tf.oneHot(tf.cast(tokens, 'int32'), count), 'float32');
    return this.affineOfData(oneHot, w, b);
  }

  add(x: tf.Tensor, y: tf.Tensor): tf.Tensor {
    return tf.add(x, y);
  }

  sub(x: tf.Tensor, y: tf.Tensor): tf.Tensor {
    return tf.sub(x, y);
  }

  abs(x: tf.Tensor): tf.Tensor {
    return tf.abs(x);
  }

  clip(x: tf.Tensor, low: number, high: number): tf.Tensor {
    return tf.clipByValue(x, low, high);
  }

  relu(x: tf.Tensor): tf.Tensor {
    return relu(x);
  }

  layerNorm(x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor): tf.Tensor {
    return scaleAndShift(normalize(x), scale, shift);
  }

  mean(x: tf.Tensor, axis: number): tf.Tensor {
    return tf.mean(x, axis);
  }

  reshape(x: tf.Tensor, shape: number[]): tf.Tensor {
    return tf.reshape(x, shape);
  }

  transpose(x: tf.Tensor, axes: number[]): tf.Tensor {
    return tf.transpose(x, axes);
  }

  concat(parts: tf.Tensor[], axis: number): tf.Tensor {
    return tf.concat(parts, axis);
  }

  split(x: tf.Tensor, lengths: number[], axis: number): tf.Tensor[] {
    return tf.split(x, lengths, axis);
  }

  rowsOf(x: tf.Tensor, first: number, count: number): tf.Tensor {
    return tf.slice(x, [first, 0], [count, x.shape[1] as number]);
  }

  repeat(x: tf.Tensor, times: number): tf.Tensor {
    const [rows, ...rest] = x.shape;
    const repeated = repeatRows(tf.reshape(x, [rows, 1, -1]), times);
    return tf.reshape(repeated, [rows * times, ...rest]);
  }

  attend(queries: tf.Tensor, keys: tf.Tensor, values: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
    const width = queries.shape[3] as number;
    const scores = tf.matMul(tf.mul(queries, 1 / Math.sqrt(width)), keys, false, true);
    const weights = tf.softmax(mask === undefined ? scores : tf.add(scores, mask));
    return tf.matMul(weights, values);
  }
}

/** Applies an affine map of rows to the last axis of x. */
function overLastAxis(map: typeof affine, x: tf.Tensor, w: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const [inputs, outputs] = w.shape as [number, number];
  const y = map(tf.reshape(x, [-1, inputs]), w as tf.Tensor2D, b as tf.Tensor1D);
  return tf.reshape(y, [...x.shape.slice(0, -1), outputs]);
}
