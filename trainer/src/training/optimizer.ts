import { AlphaTensorError } from '@alphatensor-edge/shared';
import * as tf from '@tensorflow/tfjs';
import { dispose, tidy } from '../network/ops.js';
import type { OptimizerState } from '../run/checkpoint.js';

/** Sets how the optimizer works. */
interface OptimizerConfig {
  readonly learningRate: number;
  /** Number of steps over which the learning rate rises from zero. */
  readonly warmupSteps: number;
  /** Number of steps over which the learning rate falls by `decayFactor`, smoothly. */
  readonly decaySteps: number;
  readonly decayFactor: number;
  readonly weightDecay: number;
  /** The largest global norm of the gradients. Larger gradients are scaled down before Adam uses them. */
  readonly clipNorm: number;
}

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** Computes the learning rate of a step; the first step is 0. */
export function learningRateAt(step: number, config: OptimizerConfig): number {
  const warmup = config.warmupSteps === 0 ? 1 : Math.min(1, (step + 1) / config.warmupSteps);
  return config.learningRate * warmup * config.decayFactor ** (step / config.decaySteps);
}

/**
 * Optimizes by AdamW (Loshchilov & Hutter, ICLR 2019), after clipping by the global norm. All weights are treated as one long vector, so
 * a step is a dozen large operations, not a dozen for each weight. Weight decay does not apply to vectors (biases, normalizations).
 */
export class AdamW {
  readonly #config: OptimizerConfig;
  readonly #variables: readonly tf.Variable[];
  #step = 0;
  readonly #count: number;
  readonly #first: tf.Variable;
  readonly #second: tf.Variable;
  /** 1 for a weight that decays, else 0. */
  readonly #decays: tf.Tensor1D;

  constructor(config: OptimizerConfig, variables: readonly tf.Variable[]) {
    this.#config = config;
    this.#variables = variables;
    this.#count = variables.reduce((sum, { size }) => sum + size, 0);
    this.#first = tf.variable(tf.zeros([this.#count]), false);
    this.#second = tf.variable(tf.zeros([this.#count]), false);
    const decays = new Float32Array(this.#count);
    let offset = 0;
    for (const { rank, size } of variables) {
      if (rank > 1) decays.fill(1, offset, offset + size);
      offset += size;
    }
    this.#decays = tf.tensor1d(decays);
  }

  get step(): number {
    return this.#step;
  }

  /**
   * Minimizes `loss` by one step.
   * @returns the loss and the gradients' norm before clipping
   */
  minimize(loss: () => tf.Scalar): { loss: number; gradientNorm: number } {
    const { clipNorm, weightDecay } = this.#config;
    const rate = learningRateAt(this.#step, this.#config);
    this.#step++;
    const correction1 = 1 - BETA1 ** this.#step;
    const correction2 = 1 - BETA2 ** this.#step;
    const { value, norm } = tidy(() => {
      const { value, grads } = tf.variableGrads(loss, [...this.#variables]);
      const gradient = flatten(this.#variables.map(({ name }) => grads[name]));
      const norm = tf.sqrt(tf.sum(tf.square(gradient)));
      const clipped = tf.mul(gradient, tf.minimum(1, tf.div(clipNorm, tf.add(norm, 1e-12))));
      const first = tf.add(tf.mul(this.#first, BETA1), tf.mul(clipped, 1 - BETA1));
      const second = tf.add(tf.mul(this.#second, BETA2), tf.mul(tf.square(clipped), 1 - BETA2));
      this.#first.assign(first);
      this.#second.assign(second);
      const denominator = tf.add(tf.sqrt(tf.mul(second, 1 / correction2)), EPSILON);
      const weights = flatten(this.#variables);
      const decay = tf.mul(tf.mul(weights, this.#decays), rate * weightDecay);
      const update = tf.add(tf.div(tf.mul(first, rate / correction1), denominator), decay);
      // The vector is read back once, as a slice of a long vector copies all of it in WASM.
      const next = tf.sub(weights, update).dataSync() as Float32Array;
      let offset = 0;
      for (const variable of this.#variables) {
        variable.assign(tf.tensor(next.slice(offset, offset + variable.size), variable.shape));
        offset += variable.size;
      }
      return { value, norm };
    });
    const result = { loss: value.dataSync()[0], gradientNorm: norm.dataSync()[0] };
    dispose([value, norm]);
    return result;
  }

  export(): OptimizerState {
    return {
      step: this.#step,
      first: this.#first.dataSync() as Float32Array,
      second: this.#second.dataSync() as Float32Array,
    };
  }

  /** Restores a saved state. @throws AlphaTensorError INVALID_ARGUMENT if it belongs to another network */
  import({ step, first, second }: OptimizerState): void {
    if (first.length !== this.#count || second.length !== this.#count) {
      throw new AlphaTensorError(
        'INVALID_ARGUMENT',
        `The optimizer's state has ${first.length} weights, but the network has ${this.#count}; resume with the run's own configuration.`,
        { field: 'network' },
      );
    }
    tf.tidy(() => {
      this.#first.assign(tf.tensor1d(first));
      this.#second.assign(tf.tensor1d(second));
    });
    this.#step = step;
  }

  dispose(): void {
    dispose([this.#first, this.#second, this.#decays]);
  }
}

function flatten(tensors: readonly tf.Tensor[]): tf.Tensor1D {
  return tf.concat(tensors.map((tensor) => tf.reshape(tensor, [-1]) as tf.Tensor1D));
}
