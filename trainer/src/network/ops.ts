import * as tf from '@tensorflow/tfjs';

/**
 * Computes x^T y or x y^T. Native TensorFlow reads an operand in either order. The WASM matmul is ten times slower when an operand is
 * marked as transposed, so the operand is transposed first there.
 */
function transposedProduct(transposed: 'left' | 'right', x: tf.Tensor2D, y: tf.Tensor2D): tf.Tensor2D {
  const isLeft = transposed === 'left';
  if (tf.getBackend() === 'tensorflow') return tf.matMul(x, y, isLeft, !isLeft);
  return isLeft ? tf.matMul(tf.transpose(x), y) : tf.matMul(x, tf.transpose(y));
}

/** Repeats [rows, 1, width] to [rows, times, width]. In WASM a product with ones takes a fraction of the time of tf.tile. */
export function repeatRows(x: tf.Tensor, times: number): tf.Tensor {
  return tf.getBackend() === 'wasm' ? tf.mul(x, tf.ones([1, times, 1])) : tf.tile(x, [1, times, 1]);
}

/** Computes max(x, 0) with a gradient of two operations; TensorFlow.js's own takes seven on native TensorFlow. */
export function relu(x: tf.Tensor): tf.Tensor {
  const operation = tf.customGrad((...inputs) => {
    const [x, save] = inputs as unknown as [tf.Tensor, tf.GradSaveFunc];
    const y = tf.relu(x);
    save([y]);
    return { value: y, gradFunc: (dy: tf.Tensor, [y]: tf.Tensor[]) => tf.mul(dy, tf.sign(y)) };
  });
  return operation(x);
}

/** Computes x w + b for x [rows, inputs], w [inputs, outputs], b [outputs]. */
export function affine(x: tf.Tensor2D, w: tf.Tensor2D, b: tf.Tensor1D): tf.Tensor2D {
  const operation = tf.customGrad((...inputs) => {
    const [x, w, b, save] = inputs as unknown as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D, tf.GradSaveFunc];
    save([x, w]);
    return {
      value: tf.add(tf.matMul(x, w), b),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [x, w] = saved as [tf.Tensor2D, tf.Tensor2D];
        const dy2 = dy as tf.Tensor2D;
        return [transposedProduct('right', dy2, w), transposedProduct('left', x, dy2), sumRows(dy)];
      },
    };
  });
  return operation(x, w, b) as tf.Tensor2D;
}

/** Computes `affine` for an x that is data, not computed from weights. It leaves out the gradient of x, which saves a matmul. */
export function affineOfData(x: tf.Tensor2D, w: tf.Tensor2D, b: tf.Tensor1D): tf.Tensor2D {
  const operation = tf.customGrad((...inputs) => {
    const [w, b, save] = inputs as unknown as [tf.Tensor2D, tf.Tensor1D, tf.GradSaveFunc];
    save([x]);
    return {
      value: tf.add(tf.matMul(x, w), b),
      gradFunc: (dy: tf.Tensor, [x]: tf.Tensor[]) => [
        transposedProduct('left', x as tf.Tensor2D, dy as tf.Tensor2D),
        sumRows(dy),
      ],
    };
  });
  return operation(w, b) as tf.Tensor2D;
}

/** Sums over all axes but the last, by a matmul, which is faster in WASM than a sum over the first axis. */
export function sumRows(x: tf.Tensor): tf.Tensor1D {
  const width = x.shape[x.shape.length - 1] as number;
  const rows = tf.reshape(x, [-1, width]) as tf.Tensor2D;
  return tf.reshape(tf.matMul(tf.ones([1, rows.shape[0]]) as tf.Tensor2D, rows), [width]);
}

/** Computes (x - mean) / sqrt(variance + epsilon) over the last axis, with the gradient in closed form (Ba et al., 2016). */
export function normalize(x: tf.Tensor): tf.Tensor {
  const operation = tf.customGrad((...inputs) => {
    const [x, save] = inputs as unknown as [tf.Tensor, tf.GradSaveFunc];
    const centred = tf.sub(x, tf.mean(x, -1, true));
    const scale = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), 1e-5));
    const y = tf.mul(centred, scale);
    save([y, scale]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, [y, scale]: tf.Tensor[]) => {
        const along = tf.mul(y, tf.mean(tf.mul(dy, y), -1, true));
        return tf.mul(scale, tf.sub(tf.sub(dy, tf.mean(dy, -1, true)), along));
      },
    };
  });
  return operation(x);
}

/**
 * Computes -log softmax(logits)[target] for each row. `logits` is [rows, vocabulary]; `targets` is one-hot, of the same shape. The
 * gradient is softmax - target.
 */
export function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor1D {
  const operation = tf.customGrad((...inputs) => {
    const [logits, save] = inputs as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    const probabilities = tf.softmax(logits);
    // Tensors of the forward pass are disposed of before the gradients run, unless they are saved.
    save([probabilities, targets]);
    return {
      value: tf.neg(tf.log(tf.maximum(tf.sum(tf.mul(probabilities, targets), -1), 1e-30))),
      gradFunc: (dy: tf.Tensor, [probabilities, targets]: tf.Tensor[]) =>
        tf.mul(tf.sub(probabilities, targets), tf.expandDims(dy, -1)),
    };
  });
  return operation(logits) as tf.Tensor1D;
}

/** Computes x * scale + shift over the last axis. The gradients sum over rows by matmuls, which are fast in WASM. */
export function scaleAndShift(x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor): tf.Tensor {
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

/** Calls tf.tidy for any structure of tensors; TensorFlow.js's own type allows neither readonly nor interfaces. */
export function tidy<T>(compute: () => T): T {
  return tf.tidy(compute as () => tf.TensorContainer) as T;
}

/** Calls tf.dispose for any structure of tensors. */
export function dispose(structure: unknown): void {
  tf.dispose(structure as tf.TensorContainer);
}
