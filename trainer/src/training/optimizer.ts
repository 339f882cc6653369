import { AlphaTensorError } from '@alphatensor-edge/shared';
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

/** Holds the weights that are learnt. `Parameters` is one. */
export interface LearntWeights {
  /** All weights, one after the other; a step changes them in place. */
  readonly flat: Float32Array;
  readonly shapes: readonly (readonly number[])[];
  /** Is called after each step. */
  noteChange(): void;
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
 * Optimizes by AdamW (Loshchilov & Hutter, ICLR 2019), after clipping by the global norm. All weights are treated as one long vector, in
 * one pass of plain JavaScript, whatever computed the gradient. Weight decay does not apply to vectors (biases, normalizations).
 */
export class AdamW {
  readonly #config: OptimizerConfig;
  readonly #weights: LearntWeights;
  #step = 0;
  #first: Float32Array;
  #second: Float32Array;

  constructor(config: OptimizerConfig, weights: LearntWeights) {
    this.#config = config;
    this.#weights = weights;
    this.#first = new Float32Array(weights.flat.length);
    this.#second = new Float32Array(weights.flat.length);
  }

  get step(): number {
    return this.#step;
  }

  /**
   * Makes one step.
   * @param gradient of all weights, one after the other
   * @returns the gradient's norm before clipping
   */
  apply(gradient: Float32Array): number {
    const { clipNorm, weightDecay } = this.#config;
    const rate = learningRateAt(this.#step, this.#config);
    this.#step++;
    const norm = normOf(gradient);
    const step = {
      scale: Math.min(1, clipNorm / (norm + 1e-12)),
      rate: rate / (1 - BETA1 ** this.#step),
      correction: 1 / (1 - BETA2 ** this.#step),
    };
    const { flat, shapes } = this.#weights;
    let offset = 0;
    for (const shape of shapes) {
      const end = offset + shape.reduce((product, length) => product * length, 1);
      update(
        flat.subarray(offset, end),
        gradient.subarray(offset, end),
        this.#first.subarray(offset, end),
        this.#second.subarray(offset, end),
        { ...step, decay: shape.length > 1 ? rate * weightDecay : 0 },
      );
      offset = end;
    }
    this.#weights.noteChange();
    return norm;
  }

  export(): OptimizerState {
    return { step: this.#step, first: this.#first.slice(), second: this.#second.slice() };
  }

  /** Restores a saved state. @throws AlphaTensorError INVALID_ARGUMENT if it belongs to another network */
  import({ step, first, second }: OptimizerState): void {
    if (first.length !== this.#first.length || second.length !== this.#first.length) {
      throw new AlphaTensorError(
        'INVALID_ARGUMENT',
        `The optimizer's state has ${first.length} weights, but the network has ${this.#first.length}; resume with the run's own configuration.`,
        { field: 'network' },
      );
    }
    this.#first = Float32Array.from(first);
    this.#second = Float32Array.from(second);
    this.#step = step;
  }
}

/** Holds the factors of one step for one weight. */
interface Step {
  /** What the gradient is multiplied by, so that it is clipped. */
  readonly scale: number;
  /** The learning rate over the correction of the first moment. */
  readonly rate: number;
  /** The correction of the second moment. */
  readonly correction: number;
  /** What the weight is multiplied by and then loses. */
  readonly decay: number;
}

/** Updates weights and moments in place. */
function update(
  weights: Float32Array,
  gradient: Float32Array,
  first: Float32Array,
  second: Float32Array,
  { scale, rate, correction, decay }: Step,
): void {
  for (let i = 0; i < weights.length; i++) {
    const clipped = gradient[i] * scale;
    const m = BETA1 * first[i] + (1 - BETA1) * clipped;
    const v = BETA2 * second[i] + (1 - BETA2) * clipped * clipped;
    first[i] = m;
    second[i] = v;
    weights[i] -= (rate * m) / (Math.sqrt(v * correction) + EPSILON) + decay * weights[i];
  }
}

/** Sums in four lanes, of which no addition waits for that of another. */
function normOf(values: Float32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = values.length - (values.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += values[i] * values[i];
    b += values[i + 1] * values[i + 1];
    c += values[i + 2] * values[i + 2];
    d += values[i + 3] * values[i + 3];
  }
  for (let i = whole; i < values.length; i++) a += values[i] * values[i];
  return Math.sqrt(a + b + c + d);
}
