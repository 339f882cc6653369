import { modeLengths, type Random } from '@alphatensor-edge/shared';
import { makeObservationBatch, type Observed, observe } from '../../game/observation.js';
import type { SignedPermutation } from '../../game/symmetry.js';
import type { NetworkLayout } from '../layout.js';
import type { StoredWeight } from '../parameters.js';
import type { Sampled, Sampler } from '../sampler.js';
import { type Runtime, type RuntimeSession, type RuntimeTensor, startSession } from './runtime.js';
import { samplingGraph } from './sampling-graph.js';

/** The largest number below 1 that a random number is rounded to, so that its product with a sum of probabilities stays below that. */
const LARGEST_UNIFORM = 1 - 2 ** -23;

/** Samples through ONNX Runtime, with one graph for each number of samples. */
export class GraphSampler implements Sampler {
  readonly #runtime: Runtime;
  readonly #layout: NetworkLayout;
  #weights: readonly StoredWeight[];
  #sessions = new Map<number, Promise<RuntimeSession>>();

  constructor(runtime: Runtime, layout: NetworkLayout, weights: readonly StoredWeight[]) {
    this.#runtime = runtime;
    this.#layout = layout;
    this.#weights = weights;
  }

  get permutations(): readonly SignedPermutation[] {
    return this.#layout.permutations;
  }

  get normalizesSigns(): boolean {
    return this.#layout.config.normalizeSigns === true;
  }

  get historyLength(): number {
    return this.#layout.observations.historyLength;
  }

  /** Takes other weights. Graphs are made anew when they are needed next: a graph that knows its weights runs faster. */
  async renew(weights: readonly StoredWeight[]): Promise<void> {
    this.#weights = weights;
    await this.release();
  }

  /** Frees the graphs. */
  async release(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions = new Map();
    for (const session of sessions) await (await session).release();
  }

  async sample(positions: readonly Observed[], samples: number, random: Random): Promise<Sampled[]> {
    const inputs = {
      ...this.#observe(positions),
      ...(samples > 0 && this.#uniforms(positions.length, samples, random)),
    };
    const session = await this.#session(samples);
    const results = await session.run(inputs, samples > 0 ? ['quantiles', 'actions'] : ['quantiles']);
    const quantiles = results.quantiles.data as Float32Array;
    const entries = samples > 0 ? (results.actions.data as Int8Array) : new Int8Array(0);
    const { moveEntries, config } = this.#layout;
    const levels = config.value.quantiles;
    return positions.map((_, state) => ({
      actions: Array.from({ length: samples }, (_, sample) => {
        const start = (state * samples + sample) * moveEntries;
        return entries.subarray(start, start + moveEntries);
      }),
      quantiles: quantiles.subarray(state * levels, (state + 1) * levels),
    }));
  }

  /** Computes the logits of each token of the actions that `sample` draws from the same random numbers, before masking. For tests. */
  async logits(positions: readonly Observed[], samples: number, random: Random): Promise<readonly Float32Array[]> {
    const inputs = { ...this.#observe(positions), ...this.#uniforms(positions.length, samples, random) };
    const names = Array.from({ length: this.#layout.tokens.length }, (_, position) => `logits/${position}`);
    const results = await (await this.#session(samples)).run(inputs, names);
    return names.map((name) => results[name].data as Float32Array);
  }

  #session(samples: number): Promise<RuntimeSession> {
    let session = this.#sessions.get(samples);
    if (session === undefined) {
      session = startSession(this.#runtime, samplingGraph(this.#layout, this.#weights, samples));
      this.#sessions.set(samples, session);
    }
    return session;
  }

  #observe(positions: readonly Observed[]): Record<string, RuntimeTensor> {
    const count = positions.length;
    const { observations } = this.#layout;
    const { rankFeatures, historyLength, size } = observations;
    const batch = makeObservationBatch(observations, count);
    observe(positions, observations, batch);
    const planes = 1 + historyLength;
    const tensor = (values: Float32Array, ...shape: number[]): RuntimeTensor =>
      new this.#runtime.Tensor('float32', values, [count, ...shape]);
    return {
      tensors: tensor(batch.tensors, planes, ...modeLengths(size)),
      scalars: tensor(batch.scalars, 1),
      ...(rankFeatures > 0 && { ranks: tensor(batch.ranks, rankFeatures) }),
    };
  }

  /** Draws the random numbers token by token, as `Network.sample` does. */
  #uniforms(states: number, samples: number, random: Random): Record<string, RuntimeTensor> {
    const { length } = this.#layout.tokens;
    const values = new Float32Array(length * states * samples);
    for (let index = 0; index < values.length; index++) values[index] = Math.min(random.float(), LARGEST_UNIFORM);
    return { uniforms: new this.#runtime.Tensor('float32', values, [length, states, samples]) };
  }
}
