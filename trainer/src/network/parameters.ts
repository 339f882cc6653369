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
  /** All weights, one after the other, once they were asked for; from then on TensorFlow.js has copies of them. */
  #flat: Float32Array | undefined;
  /** Whether these copies are older than `#flat`. */
  #isStale = false;

  constructor(random: Random) {
    this.#random = random;
  }

  /**
   * Gives the weight `name`. A new weight is made: normal with standard deviation `deviation`, or filled with `fill`.
   * @throws AlphaTensorError INTERNAL if the weight is new after `freeze`
   */
  get(name: string, shape: number[], init: { deviation: number } | { fill: number }): tf.Variable {
    const known = this.#variables.get(name);
    if (known !== undefined) {
      this.#refresh();
      return known;
    }
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
    this.#refresh();
    return [...this.#variables.values()];
  }

  /** Gives the shapes in the order of `names`. */
  get shapes(): number[][] {
    return [...this.#variables.values()].map(({ shape }) => shape);
  }

  /** Counts the numbers in all weights. */
  get count(): number {
    return [...this.#variables.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * Gives all weights in the order of `names`, one after the other: always the same array, in which they may be changed. Call
   * `noteChange` then.
   */
  get flat(): Float32Array {
    if (this.#flat === undefined) {
      const flat = new Float32Array(this.count);
      let offset = 0;
      for (const variable of this.#variables.values()) {
        flat.set(variable.dataSync() as Float32Array, offset);
        offset += variable.size;
      }
      this.#flat = flat;
    }
    return this.#flat;
  }

  /** Is told that the weights in `flat` were changed. TensorFlow.js gets them when it needs them next. */
  noteChange(): void {
    this.#isStale = true;
  }

  /** Gives the weights as parts of `flat`, which change with it. */
  views(): StoredWeight[] {
    const { flat } = this;
    let offset = 0;
    return [...this.#variables].map(([name, { shape, size }]) => {
      offset += size;
      return { name, shape, values: flat.subarray(offset - size, offset) };
    });
  }

  /** Copies the weights. */
  export(): StoredWeight[] {
    return this.views().map((view) => ({ ...view, values: view.values.slice() }));
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
    for (const { name, values } of this.views()) values.set((given.get(name) as StoredWeight).values);
    this.noteChange();
  }

  /** Gives TensorFlow.js the weights in `flat`, if they were changed. */
  #refresh(): void {
    if (!this.#isStale) return;
    this.#isStale = false;
    for (const { name, shape, values } of this.views()) {
      // A copy, as the backend may keep the array that it is given.
      const fresh = tf.tensor(values.slice(), [...shape]);
      (this.#variables.get(name) as tf.Variable).assign(fresh);
      fresh.dispose();
    }
  }

  /** Frees the memory of the weights. */
  dispose(): void {
    for (const variable of this.#variables.values()) variable.dispose();
    this.#variables.clear();
    this.#flat = undefined;
  }
}
