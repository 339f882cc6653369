import { modeLengths, type Random } from '@alphatensor-edge/shared';
import * as tf from '@tensorflow/tfjs';
import type { Action } from '../game/action.js';
import {
  makeObservationBatch,
  type ObservationBatch,
  type ObservationLayout,
  type Observed,
  observe,
} from '../game/observation.js';
import type { GameRules } from '../game/state.js';
import type { SignedPermutation } from '../game/symmetry.js';
import { decodeToken, maskRow, type TokenLayout } from '../game/tokens.js';
import { type Encoded, encode } from './encoder.js';
import { type NetworkLayout, networkLayout } from './layout.js';
import type { NetworkConfig } from './network-config.js';
import { crossEntropy, dispose, tidy } from './ops.js';
import { Parameters } from './parameters.js';
import { type PolicyCache, policyLogits, repeatCache } from './policy-head.js';
import type { Sampled, Sampler } from './sampler.js';
import { contextsOf, spellActions } from './targets.js';
import { TensorFlowOperations } from './tensorflow-operations.js';

/** Holds what `Network.sample` gives beside the rest: the natural logarithm of each action's probability. */
interface SampledWithProbabilities extends Sampled {
  readonly logProbabilities: Float32Array;
}

/** Holds positions and, for each, the same number of actions. */
interface PolicyTargets {
  readonly positions: readonly Observed[];
  /** [positions * actionsPerPosition], position-major. */
  readonly actions: readonly Action[];
}

/** Holds AlphaTensor's network for one size: the torso, the autoregressive policy and the quantile value. */
export class Network implements Sampler {
  readonly parameters: Parameters;
  readonly layout: NetworkLayout;
  readonly #operations: TensorFlowOperations;
  #batch: ObservationBatch;
  #capacity = 0;

  /** @param random draws the initial weights */
  constructor(config: NetworkConfig, rules: GameRules, random: Random) {
    this.layout = networkLayout(config, rules);
    this.#batch = makeObservationBatch(this.observations, 0);
    this.parameters = new Parameters(random);
    this.#operations = new TensorFlowOperations(this.parameters);
    // One pass over a blank position creates the weights.
    const blank = { rules, residual: new Int8Array(this.observations.cells), history: [], movesLeft: 1 };
    const action = new Int8Array(this.layout.moveEntries).fill(rules.values[rules.values.length - 1]);
    tidy(() => {
      this.forward({ positions: [blank], actions: [action] });
    });
    this.parameters.freeze();
  }

  get config(): NetworkConfig {
    return this.layout.config;
  }

  get tokens(): TokenLayout {
    return this.layout.tokens;
  }

  get observations(): ObservationLayout {
    return this.layout.observations;
  }

  get historyLength(): number {
    return this.layout.observations.historyLength;
  }

  get permutations(): readonly SignedPermutation[] {
    return this.layout.permutations;
  }

  get normalizesSigns(): boolean {
    return this.config.normalizeSigns === true;
  }

  async sample(positions: readonly Observed[], samples: number, random: Random): Promise<SampledWithProbabilities[]> {
    const states = positions.length;
    const rows = states * samples;
    const { length, vocabulary } = this.tokens;
    const actions = Array.from({ length: rows }, () => new Int8Array(this.layout.moveEntries));
    const logProbabilities = new Float32Array(rows);
    const encoded = tidy(() => this.#encode(positions));
    let cache: PolicyCache<tf.Tensor> | undefined;
    let previous = new Int32Array(states).fill(vocabulary);
    for (let position = 0; position < length && samples > 0; position++) {
      // All samples of a state have the same distribution of the first token.
      const perState = position === 0 ? 1 : samples;
      const past = cache;
      const step = tidy(() =>
        policyLogits(
          this.#operations,
          this.config.policy,
          vocabulary,
          length,
          encoded.memory,
          {
            samples: perState,
            previous: tf.tensor2d(previous, [states * perState, 1], 'int32'),
            position,
            contexts: [this.#contexts(positions, perState === 1 ? actions.slice(0, states) : actions, position, 1)],
          },
          past,
        ),
      );
      const logits = (await step.logits.data()) as Float32Array;
      const tokens = new Int32Array(rows);
      for (let row = 0; row < rows; row++) {
        const source = Math.floor((row * perState) / samples);
        const drawn = drawToken(
          logits.subarray(source * vocabulary, (source + 1) * vocabulary),
          this.#maskFor(actions[row], position),
          random,
        );
        tokens[row] = drawn.token;
        logProbabilities[row] += drawn.logProbability;
        decodeToken(drawn.token, position, this.tokens, actions[row]);
      }
      cache = perState === samples ? step.cache : tidy(() => repeatCache(this.#operations, step.cache, samples));
      dispose([step.logits, past, cache === step.cache ? [] : step.cache]);
      previous = tokens;
    }
    const quantiles = (await encoded.quantiles.data()) as Float32Array;
    dispose([cache, encoded]);
    const levels = this.config.value.quantiles;
    return positions.map((_, state) => ({
      actions: actions.slice(state * samples, (state + 1) * samples),
      logProbabilities: logProbabilities.slice(state * samples, (state + 1) * samples),
      quantiles: quantiles.slice(state * levels, (state + 1) * levels),
    }));
  }

  /**
   * Runs the network on given actions (teacher forcing). Call it inside a tidy.
   * @returns -log pi(action | position) of each action, [positions * actionsPerPosition], and the quantiles, [positions, quantiles]
   */
  forward({ positions, actions }: PolicyTargets): { negativeLogProbabilities: tf.Tensor1D; quantiles: tf.Tensor2D } {
    const rows = actions.length;
    const { length, vocabulary } = this.tokens;
    const { tokens, previous, masks } = spellActions(this.layout, actions);
    const { memory, quantiles } = this.#encode(positions);
    const { logits } = policyLogits(this.#operations, this.config.policy, vocabulary, length, memory, {
      samples: rows / positions.length,
      previous: tf.tensor2d(previous, [rows, length], 'int32'),
      position: 0,
      contexts: [this.#contexts(positions, actions, 0, length)],
    });
    const oneHot = (values: Int32Array, depth: number): tf.Tensor2D =>
      tf.cast(tf.oneHot(tf.tensor1d(values, 'int32'), depth), 'float32') as tf.Tensor2D;
    const table = tf.tensor2d(this.layout.masks.table, [this.layout.masks.count, vocabulary]);
    const masked = tf.add(
      tf.reshape(logits, [rows * length, vocabulary]),
      tf.matMul(oneHot(masks, this.layout.masks.count), table),
    );
    const perToken = crossEntropy(masked as tf.Tensor2D, oneHot(tokens, vocabulary));
    return {
      negativeLogProbabilities: tf.sum(tf.reshape(perToken, [rows, length]), 1),
      quantiles: quantiles as tf.Tensor2D,
    };
  }

  /** Computes the logits of given actions before masking, [actions, move length, vocabulary]; for tests and for looking into the network. */
  logits({ positions, actions }: PolicyTargets): tf.Tensor3D {
    const { length, vocabulary } = this.tokens;
    const { previous } = spellActions(this.layout, actions);
    const { memory } = this.#encode(positions);
    return policyLogits(this.#operations, this.config.policy, vocabulary, length, memory, {
      samples: actions.length / positions.length,
      previous: tf.tensor2d(previous, [actions.length, length], 'int32'),
      position: 0,
      contexts: [this.#contexts(positions, actions, 0, length)],
    }).logits as tf.Tensor3D;
  }

  /** Frees the memory of the weights. */
  dispose(): void {
    this.parameters.dispose();
  }

  #encode(positions: readonly Observed[]): Encoded<tf.Tensor> {
    return encode(this.#operations, this.config, this.#observe(positions));
  }

  #observe(positions: readonly Observed[]): {
    tensors: tf.Tensor5D;
    ranks: tf.Tensor2D | undefined;
    scalars: tf.Tensor2D;
  } {
    const count = positions.length;
    if (count > this.#capacity) {
      this.#capacity = count;
      this.#batch = makeObservationBatch(this.observations, count);
    }
    observe(positions, this.observations, this.#batch);
    const { cells, rankFeatures, historyLength, size } = this.observations;
    const planes = 1 + historyLength;
    // Copies, as the backend may keep the array that it is given.
    const take = (values: Float32Array, length: number): Float32Array => values.slice(0, count * length);
    return {
      tensors: tf.tensor5d(take(this.#batch.tensors, planes * cells), [count, planes, ...modeLengths(size)]),
      ranks: rankFeatures > 0 ? tf.tensor2d(take(this.#batch.ranks, rankFeatures), [count, rankFeatures]) : undefined,
      scalars: tf.tensor2d(take(this.#batch.scalars, 1), [count, 1]),
    };
  }

  /** Makes the contexts of `time` tokens from `first` on, [actions, time, context]. */
  #contexts(positions: readonly Observed[], actions: readonly Action[], first: number, time: number): tf.Tensor3D {
    const values = contextsOf(this.layout, positions, actions, first, time);
    return tf.tensor3d(values, [actions.length, time, this.layout.contextLength]);
  }

  #maskFor(action: Action, position: number): Float32Array {
    const { vocabulary } = this.tokens;
    const row = maskRow(action, position, this.tokens, this.layout.masks);
    return this.layout.masks.table.subarray(row * vocabulary, (row + 1) * vocabulary);
  }
}

/** Draws a token from softmax(logits + mask). */
function drawToken(
  logits: Float32Array,
  mask: Float32Array,
  random: Random,
): { token: number; logProbability: number } {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) if (mask[i] === 0) largest = Math.max(largest, logits[i]);
  const weights = new Float64Array(logits.length);
  let total = 0;
  for (let i = 0; i < logits.length; i++) {
    if (mask[i] !== 0) continue;
    weights[i] = Math.exp(logits[i] - largest);
    total += weights[i];
  }
  const token = random.categorical(weights);
  return { token, logProbability: Math.log(weights[token] / total) };
}
