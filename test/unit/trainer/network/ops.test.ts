import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { startBackend } from '../../../../trainer/src/network/backend.js';
import { integerPlanes, layerNorm } from '../../../../trainer/src/network/layers.js';
import { affine, affineOfData, crossEntropy, normalize, relu } from '../../../../trainer/src/network/ops.js';
import { Parameters } from '../../../../trainer/src/network/parameters.js';
import { TensorFlowOperations } from '../../../../trainer/src/network/tensorflow-operations.js';
import { SEED } from '../../../support/small-network.js';

beforeAll(async () => {
  await startBackend('cpu');
});

type Scalarize = (...inputs: tf.Tensor[]) => tf.Tensor;

/** Compares the gradients of sum(weights * f(inputs)) with central differences. */
function checkGradients(f: Scalarize, shapes: number[][]): void {
  const random = SEED.split(JSON.stringify(shapes));
  const inputs = shapes.map((shape) =>
    tf.tensor(
      Array.from({ length: shape.reduce((x, y) => x * y, 1) }, () => random.normal()),
      shape,
    ),
  );
  const output = f(...inputs);
  const weights = tf.tensor(
    Array.from({ length: output.size }, () => random.normal()),
    output.shape,
  );
  const scalar = (...given: tf.Tensor[]): tf.Scalar => tf.sum(tf.mul(f(...given), weights));
  const gradients = tf.grads(scalar)(inputs);
  const step = 1e-2;
  inputs.forEach((input, which) => {
    const values = input.dataSync();
    const analytic = gradients[which].dataSync();
    values.forEach((value, index) => {
      const at = (x: number): number => {
        const moved = values.slice();
        moved[index] = x;
        return scalar(...inputs.map((other, i) => (i === which ? tf.tensor(moved, input.shape) : other))).dataSync()[0];
      };
      const numeric = (at(value + step) - at(value - step)) / (2 * step);
      expect(analytic[index]).toBeCloseTo(numeric, 2);
    });
  });
}

describe('gradients equal numeric ones', () => {
  it('of max(x, 0)', () => {
    // Away from zero, where there is none.
    const away = tf.tensor2d(
      Array.from({ length: 20 }, (_, i) => (i % 3 === 0 ? -9 : 9)),
      [4, 5],
    );
    checkGradients((x) => relu(tf.add(x, away)), [[4, 5]]);
    expect([...relu(tf.tensor1d([-2, 0, 3])).dataSync()]).toEqual([0, 0, 3]);
  });

  it('of an affine map', () => {
    checkGradients((x, w, b) => affine(x as tf.Tensor2D, w as tf.Tensor2D, b as tf.Tensor1D), [[5, 3], [3, 4], [4]]);
  });

  it('of an affine map of data', () => {
    const x = tf.tensor2d([1, 2, -1, 0, 3, 1], [2, 3]);
    checkGradients((w, b) => affineOfData(x, w as tf.Tensor2D, b as tf.Tensor1D), [[3, 4], [4]]);
  });

  it('of a normalization', () => {
    checkGradients((x) => normalize(x), [[3, 2, 5]]);
  });

  it('of a layer normalization', () => {
    const operations = new TensorFlowOperations(new Parameters(SEED));
    checkGradients((x) => layerNorm(operations, 'norm', x), [[4, 6]]);
  });

  it('of the cross-entropy', () => {
    const targets = tf.oneHot(tf.tensor1d([2, 0, 1], 'int32'), 4).toFloat() as tf.Tensor2D;
    checkGradients((logits) => crossEntropy(logits as tf.Tensor2D, targets), [[3, 4]]);
  });
});

describe('operations', () => {
  it('normalize to mean 0 and variance 1', () => {
    const y = normalize(tf.tensor2d([1, 2, 3, 10], [1, 4]));
    expect(tf.mean(y).dataSync()[0]).toBeCloseTo(0);
    expect(tf.mean(tf.square(y)).dataSync()[0]).toBeCloseTo(1, 4);
  });

  it('take the cross-entropy of one-hot targets', () => {
    const logits = tf.tensor2d([Math.log(1), Math.log(3)], [1, 2]);
    const loss = crossEntropy(logits, tf.tensor2d([0, 1], [1, 2]));
    expect(loss.dataSync()[0]).toBeCloseTo(-Math.log(0.75));
  });

  it('tell the integers -2 … 2 apart linearly, and treat larger ones as 2', () => {
    const operations = new TensorFlowOperations(new Parameters(SEED));
    const integers = tf.tensor2d([-3, -2, -1, 0, 1, 2, 3], [7, 1]);
    const rows = integerPlanes(operations, integers).arraySync() as number[][];
    expect(rows[0]).toEqual(rows[1]);
    expect(rows[6]).toEqual(rows[5]);
    expect(rows.slice(1, 6)).toEqual([
      [-1, -1, 1, 1],
      [-1, 0, 1, 0],
      [0, 0, 0, 0],
      [1, 0, 1, 0],
      [1, 1, 1, 1],
    ]);
  });
});

describe('the backend', () => {
  it('that was asked for by name and is not installed is refused with the way out', async () => {
    await expect(startBackend('node-gpu')).rejects.toThrow(/already runs on cpu/);
    await expect(startBackend('auto')).resolves.toMatchObject({ name: 'cpu' });
  });
});
