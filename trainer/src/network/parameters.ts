import { AlphaTensorError, type Random } from '@alphatensor-edge/shared';
import * as tf from '@tensorflow/tfjs';

/** Holds a weight as it is stored: plain numbers with a name and a shape. */
export interface StoredWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/**
 * Holds the weights of a network as a flat list with names. The first forward pass creates them. Each is drawn from its own generator,
 * split off by name, so the order does not matter. After `freeze` the list is complete.
 */
export class Parameters {
  readonly #variables = new Map<string, tf.Variable>();
  #random: Random | undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  /**
   * Gives the weight `name`. A new weight is made: normal with standard deviation `deviation`, or filled with `fill`.
   * @throws AlphaTensorError INTERNAL if the weight is new after `freeze`
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
    // A tidy disposes of the variables made inside it, unless they are kept.
    const variable = tf.keep(tf.variable(tf.tensor(values, shape))) as tf.Variable;
    this.#variables.set(name, variable);
    return variable;
  }

  /** Ends the making of weights. */
  freeze(): void {
    this.#random = undefined;
  }

  /** Gives the names in the order in which the weights were made. */
  get names(): string[] {
    return [...this.#variables.keys()];
  }

  /** Gives the variables in the order of `names`. */
  get variables(): tf.Variable[] {
    return [...this.#variables.values()];
  }

  /** Counts the numbers in all weights. */
  get count(): number {
    return this.variables.reduce((sum, { size }) => sum + size, 0);
  }

  /** Copies the weights out of TensorFlow.js. */
  export(): StoredWeight[] {
    return [...this.#variables].map(([name, variable]) => ({
      name,
      shape: variable.shape,
      values: variable.dataSync() as Float32Array,
    }));
  }

  /**
   * Replaces every weight.
   * @throws AlphaTensorError INVALID_ARGUMENT naming the first weight that is unknown, is missing or has another shape
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

  /** Frees the memory of the weights. */
  dispose(): void {
    for (const variable of this.#variables.values()) variable.dispose();
    this.#variables.clear();
  }
}
