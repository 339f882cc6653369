import { AlphaTensorError, type Random } from '@alphatensor-edge/shared';
import * as tf from '@tensorflow/tfjs';

/** A weight as it is stored: plain numbers with a name and a shape. */
export interface StoredWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/**
 * The weights of a network as a named flat list. The first forward pass creates them (each from its own generator, split off
 * by name, so that the order does not matter); after `freeze` the list is complete.
 */
export class Parameters {
  readonly #variables = new Map<string, tf.Variable>();
  #random: Random | undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  /**
   * The weight `name`, made now if it is new: normal with standard deviation `deviation`, or filled with `fill`.
   */
  get(name: string, shape: number[], init: { deviation: number } | { fill: number }): tf.Variable {
    const known = this.#variables.get(name);
    if (known !== undefined) return known;
    if (this.#random === undefined) throw new AlphaTensorError('INTERNAL', `The network has no weight ${name}.`);
    const values = new Float32Array(shape.reduce((x, y) => x * y, 1));
    if ('fill' in init) values.fill(init.fill);
    else {
      const random = this.#random.split(name);
      for (let i = 0; i < values.length; i++) values[i] = init.deviation * random.normal();
    }
    // Kept: variables made inside a tidy would be disposed of with it.
    const variable = tf.keep(tf.variable(tf.tensor(values, shape))) as tf.Variable;
    this.#variables.set(name, variable);
    return variable;
  }

  freeze(): void {
    this.#random = undefined;
  }

  get names(): string[] {
    return [...this.#variables.keys()];
  }

  get variables(): tf.Variable[] {
    return [...this.#variables.values()];
  }

  /** Number of weights in all. */
  get count(): number {
    return this.variables.reduce((sum, { size }) => sum + size, 0);
  }

  export(): StoredWeight[] {
    return [...this.#variables].map(([name, variable]) => ({
      name,
      shape: variable.shape,
      values: variable.dataSync() as Float32Array,
    }));
  }

  /**
   * Replaces every weight.
   * @throws AlphaTensorError INVALID_ARGUMENT naming the first weight that is missing, unknown or of another shape
   */
  import(weights: readonly StoredWeight[]): void {
    const given = new Map(weights.map((weight) => [weight.name, weight]));
    const mismatch = (what: string): AlphaTensorError =>
      new AlphaTensorError(
        'INVALID_ARGUMENT',
        `The checkpoint does not fit the network: ${what}. Use the configuration that is saved with the checkpoint.`,
        { field: 'network' },
      );
    for (const name of given.keys()) {
      if (!this.#variables.has(name)) throw mismatch(`it has a weight ${name} that the network lacks`);
    }
    for (const [name, variable] of this.#variables) {
      const weight = given.get(name);
      if (weight === undefined) throw mismatch(`it lacks the weight ${name}`);
      if (weight.shape.join() !== variable.shape.join()) {
        throw mismatch(`${name} is [${weight.shape}] in it and [${variable.shape}] in the network`);
      }
    }
    for (const [name, variable] of this.#variables) {
      const { values, shape } = given.get(name) as StoredWeight;
      const fresh = tf.tensor(values, [...shape]);
      variable.assign(fresh);
      fresh.dispose();
    }
  }

  dispose(): void {
    for (const variable of this.#variables.values()) variable.dispose();
    this.#variables.clear();
  }
}
