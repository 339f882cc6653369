import { modeLengths } from '@alphatensor-edge/shared';
import type { TrainingConfig } from '../config.js';
import { makeObservationBatch, observe } from '../game/observation.js';
import type { Network } from '../network/model.js';
import { type Runtime, type RuntimeSession, type RuntimeTensor, startSession } from '../network/onnx/runtime.js';
import { gradientOf, trainingGraph } from '../network/onnx/training-graph.js';
import { contextsOf, spellActions } from '../network/targets.js';
import type { GradientEngine, Gradients, LearningBatch } from './gradients.js';

type LearnerConfig = Pick<TrainingConfig['learner'], 'actionsPerPosition' | 'valueWeight' | 'valueHuberWidth'>;

/** Computes gradients through ONNX Runtime, by one graph that has the network's weights as inputs. */
export class GraphGradients implements GradientEngine {
  readonly #runtime: Runtime;
  readonly #network: Network;
  readonly #config: LearnerConfig;
  readonly #session: Promise<RuntimeSession>;
  /** The weights in place, so that none is copied on its way to the graph. */
  readonly #weights: Readonly<Record<string, RuntimeTensor>>;
  /** The gradients of all weights, one after the other, and their parts, into which the graph writes. */
  readonly #gradient: Float32Array;
  readonly #parts: Readonly<Record<string, RuntimeTensor>>;

  constructor(runtime: Runtime, network: Network, config: LearnerConfig) {
    this.#runtime = runtime;
    this.#network = network;
    this.#config = config;
    const { actionsPerPosition, valueHuberWidth } = config;
    const weights = network.parameters.names;
    const model = trainingGraph(network.layout, { actionsPerPosition, valueHuberWidth, weights });
    this.#session = startSession(runtime, model);
    const views = network.parameters.views();
    const tensor = (values: Float32Array, shape: readonly number[]): RuntimeTensor =>
      new runtime.Tensor('float32', values, shape);
    this.#weights = Object.fromEntries(views.map(({ name, shape, values }) => [name, tensor(values, shape)]));
    this.#gradient = new Float32Array(network.parameters.count);
    let offset = 0;
    this.#parts = Object.fromEntries(
      views.map(({ name, shape, values: { length } }) => {
        offset += length;
        return [gradientOf(name), tensor(this.#gradient.subarray(offset - length, offset), shape)];
      }),
    );
  }

  async compute(batch: LearningBatch): Promise<Gradients> {
    const { positions, weights } = batch;
    const results = await (await this.#session).run(this.#inputs(batch), {
      negativeLogs: null,
      valueLosses: null,
      ...this.#parts,
    });
    const [negativeLogs, valueLosses] = ['negativeLogs', 'valueLosses'].map(
      (name) => results[name].data as Float32Array,
    );
    const { length } = this.#network.tokens;
    let policyLoss = 0;
    for (let index = 0; index < negativeLogs.length; index++) {
      policyLoss += weights[Math.floor(index / length)] * negativeLogs[index];
    }
    return {
      policyLoss: policyLoss / positions.length,
      valueLoss: valueLosses.reduce((sum, loss) => sum + loss, 0) / valueLosses.length,
      gradient: this.#gradient,
    };
  }

  async close(): Promise<void> {
    await (await this.#session).release();
  }

  #inputs({ positions, actions, weights, returns }: LearningBatch): Record<string, RuntimeTensor> {
    const { layout } = this.#network;
    const { rankFeatures, historyLength, size } = layout.observations;
    const { length } = layout.tokens;
    const count = positions.length;
    const observed = makeObservationBatch(layout.observations, count);
    observe(positions, layout.observations, observed);
    const spelled = spellActions(layout, actions);
    const floats = (values: Float32Array, ...shape: number[]): RuntimeTensor =>
      new this.#runtime.Tensor('float32', values, shape);
    const whole = (values: Int32Array): RuntimeTensor =>
      new this.#runtime.Tensor('int64', widened(values), [actions.length, length]);
    const perQuantile = this.#config.valueWeight / (count * layout.config.value.quantiles);
    return {
      ...this.#weights,
      tensors: floats(observed.tensors, count, 1 + historyLength, ...modeLengths(size)),
      ...(rankFeatures > 0 && { ranks: floats(observed.ranks, count, rankFeatures) }),
      scalars: floats(observed.scalars, count, 1),
      contexts: floats(contextsOf(layout, positions, actions, 0, length), actions.length, length, layout.contextLength),
      previous: whole(spelled.previous),
      tokens: whole(spelled.tokens),
      masks: whole(spelled.masks),
      policyWeights: floats(
        Float32Array.from(weights, (weight) => weight / count),
        actions.length,
      ),
      returns: floats(Float32Array.from(returns), count, 1),
      valueWeight: floats(Float32Array.of(perQuantile), 1),
    };
  }
}

/** Writes whole numbers that are not negative in 64 bits each: the lower half first, as everywhere that ONNX Runtime runs. */
function widened(values: Int32Array): BigInt64Array {
  const halves = new Int32Array(2 * values.length);
  for (let index = 0; index < values.length; index++) halves[2 * index] = values[index];
  return new BigInt64Array(halves.buffer);
}
