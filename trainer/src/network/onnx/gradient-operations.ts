import type { GraphBuilder, GraphValue } from '../../onnx/graph-builder.js';
import type { Operations } from '../operations.js';
import type { GraphOperations } from './graph-operations.js';

/** Gives the gradients of an operation's inputs, in their order; undefined where none is needed. */
type Pullback = (gradient: GraphValue) => readonly (GraphValue | undefined)[];

/** Holds an operation whose result depends on weights. */
interface Recorded {
  readonly output: GraphValue;
  readonly inputs: readonly GraphValue[];
  readonly pullback: Pullback;
}

/**
 * Lists the network's operations as nodes of an ONNX graph and remembers them, so that `gradients` can list the nodes of the gradients
 * (reverse-mode differentiation; Griewank & Walther, "Evaluating derivatives", 2008, chapter 3). Weights are inputs of the graph.
 */
export class GradientOperations implements Operations<GraphValue> {
  readonly #graph: GraphBuilder;
  readonly #o: GraphOperations;
  readonly #weights = new Map<string, GraphValue>();
  readonly #recorded: Recorded[] = [];
  /** The names of the values that depend on weights. */
  readonly #varying = new Set<string>();

  constructor(graph: GraphBuilder, o: GraphOperations) {
    this.#graph = graph;
    this.#o = o;
  }

  /** Gives the weights that were asked for, by name. */
  get weights(): ReadonlyMap<string, GraphValue> {
    return this.#weights;
  }

  weight(name: string, shape: number[]): GraphValue {
    let value = this.#weights.get(name);
    if (value === undefined) {
      value = this.#graph.input(name, shape);
      this.#weights.set(name, value);
      this.#varying.add(value.name);
    }
    return value;
  }

  constant(values: Float32Array, shape: number[]): GraphValue {
    return this.#o.constant(values, shape);
  }

  shapeOf(x: GraphValue): readonly number[] {
    return x.shape;
  }

  affine(x: GraphValue, w: GraphValue, b: GraphValue): GraphValue {
    return this.#record(this.#o.affine(x, w, b), [x, w, b], (dy) => {
      const rows = this.#rowsOf(dy);
      const dx = this.#graph.node('Gemm', [rows, w], [rows.shape[0], w.shape[0]], { transB: 1 });
      return [this.#o.reshape(dx, x.shape), this.#productOverRows(this.#rowsOf(x), rows), this.#sumTo(dy, b.shape)];
    });
  }

  affineOfData(x: GraphValue, w: GraphValue, b: GraphValue): GraphValue {
    return this.#record(this.#o.affine(x, w, b), [x, w, b], (dy) => [
      undefined,
      this.#productOverRows(this.#rowsOf(x), this.#rowsOf(dy)),
      this.#sumTo(dy, b.shape),
    ]);
  }

  lookUp(tokens: GraphValue, w: GraphValue, b: GraphValue): GraphValue {
    return this.#record(this.#o.lookUp(tokens, w, b), [tokens, w, b], (dy) => {
      const oneHot = this.#rowsOf(oneHotOf(this.#graph, tokens, w.shape[0]));
      return [undefined, this.#productOverRows(oneHot, this.#rowsOf(dy)), this.#sumTo(dy, b.shape)];
    });
  }

  add(x: GraphValue, y: GraphValue): GraphValue {
    return this.#record(this.#o.add(x, y), [x, y], (dz) => [this.#sumTo(dz, x.shape), this.#sumTo(dz, y.shape)]);
  }

  sub(x: GraphValue, y: GraphValue): GraphValue {
    return this.#record(this.#o.sub(x, y), [x, y], (dz) => [
      this.#sumTo(dz, x.shape),
      this.#graph.node('Neg', [this.#sumTo(dz, y.shape)], y.shape),
    ]);
  }

  abs(x: GraphValue): GraphValue {
    return this.#record(this.#o.abs(x), [x], (dy) => [this.#o.mul(dy, this.#graph.node('Sign', [x], x.shape))]);
  }

  clip(x: GraphValue, low: number, high: number): GraphValue {
    return this.#record(this.#o.clip(x, low, high), [x], () => {
      // The network clips its inputs only.
      throw new Error('clip has no gradient');
    });
  }

  relu(x: GraphValue): GraphValue {
    const y = this.#o.relu(x);
    return this.#record(y, [x], (dy) => {
      // y is 0 or positive. Multiplying by its sign is faster than choosing.
      return [this.#o.mul(dy, this.#graph.node('Sign', [y], y.shape))];
    });
  }

  layerNorm(x: GraphValue, scale: GraphValue, shift: GraphValue): GraphValue {
    const { result, mean, inverseDeviation } = this.#o.layerNormParts(x, scale, shift);
    return this.#record(result, [x, scale, shift], (dy) => {
      const o = this.#o;
      const normalized = o.mul(o.sub(x, mean), inverseDeviation);
      // The gradient in closed form (Ba et al., "Layer normalization", 2016). Means of rows times `scale` are products with it.
      const along = o.mul(dy, normalized);
      const [width] = scale.shape;
      const shares = o.mul(o.reshape(scale, [width, 1]), this.#number(1 / width));
      const meanOf = (rows: GraphValue): GraphValue => o.matMul(rows, shares);
      const centred = o.sub(o.sub(o.mul(dy, scale), meanOf(dy)), o.mul(normalized, meanOf(along)));
      return [o.mul(centred, inverseDeviation), this.#sumTo(along, scale.shape), this.#sumTo(dy, shift.shape)];
    });
  }

  mean(x: GraphValue, axis: number): GraphValue {
    return this.#record(this.#o.mean(x, axis), [x], (dy) => {
      const length = x.shape[axis];
      const shares = x.shape.map((_, index) => (index === axis ? length : 1));
      const share = this.#o.constant(new Float32Array(length).fill(1 / length), shares);
      return [this.#o.mul(this.#o.reshape(dy, x.shape.with(axis, 1)), share)];
    });
  }

  reshape(x: GraphValue, shape: number[]): GraphValue {
    return this.#record(this.#o.reshape(x, shape), [x], (dy) => [this.#o.reshape(dy, x.shape)]);
  }

  transpose(x: GraphValue, axes: number[]): GraphValue {
    const inverse = axes.map((_, axis) => axes.indexOf(axis));
    return this.#record(this.#o.transpose(x, axes), [x], (dy) => [this.#o.transpose(dy, inverse)]);
  }

  concat(parts: GraphValue[], axis: number): GraphValue {
    const lengths = parts.map(({ shape }) => shape[axis]);
    return this.#record(this.#o.concat(parts, axis), parts, (dy) => this.#o.split(dy, lengths, axis));
  }

  split(x: GraphValue, lengths: number[], axis: number): GraphValue[] {
    let first = 0;
    // As slices, each with its own gradient, as the gradient of one part does not need that of another.
    return lengths.map((length) => {
      const start = first;
      first += length;
      return this.#slice(x, axis, start, length);
    });
  }

  rowsOf(x: GraphValue, first: number, count: number): GraphValue {
    return this.#slice(x, 0, first, count);
  }

  repeat(x: GraphValue, times: number): GraphValue {
    const size = x.shape.slice(1).reduce((product, length) => product * length, 1);
    return this.#record(this.#o.repeat(x, times), [x], (dy) => {
      const sum = this.#sum(this.#o.reshape(dy, [-1, times, size]), [1], [-1, 1, size]);
      return [this.#o.reshape(sum, x.shape)];
    });
  }

  attend(queries: GraphValue, keys: GraphValue, values: GraphValue, mask?: GraphValue): GraphValue {
    const o = this.#o;
    const turned = (x: GraphValue): GraphValue => o.transpose(x, [0, 1, 3, 2]);
    const scale = this.#number(1 / Math.sqrt(queries.shape[3]));
    const scaled = o.mul(queries, scale);
    const scores = o.matMul(scaled, turned(keys));
    const weights = o.softmax(mask === undefined ? scores : o.add(scores, mask));
    return this.#record(o.matMul(weights, values), [queries, keys, values], (dy) => {
      const dWeights = o.matMul(dy, turned(values));
      const mean = this.#sum(o.mul(dWeights, weights), [-1], [...weights.shape.slice(0, -1), 1]);
      const dScores = o.mul(weights, o.sub(dWeights, mean));
      return [o.mul(o.matMul(dScores, keys), scale), o.matMul(turned(dScores), scaled), o.matMul(turned(weights), dy)];
    });
  }

  /**
   * Lists the nodes of the gradients of a sum over `seeds`, each a value with the gradient of the loss with respect to it.
   * @returns the gradient of each weight that the seeds depend on, by name
   */
  gradients(seeds: readonly (readonly [value: GraphValue, gradient: GraphValue])[]): Map<string, GraphValue> {
    const known = new Map<string, GraphValue>();
    const add = ({ name }: GraphValue, gradient: GraphValue): void => {
      const before = known.get(name);
      known.set(name, before === undefined ? gradient : this.#o.add(before, gradient));
    };
    for (const [value, gradient] of seeds) add(value, gradient);
    for (const { output, inputs, pullback } of this.#recorded.toReversed()) {
      const gradient = known.get(output.name);
      if (gradient === undefined) continue;
      for (const [index, ofInput] of pullback(gradient).entries()) {
        if (ofInput !== undefined && this.#varying.has(inputs[index].name)) add(inputs[index], ofInput);
      }
    }
    return new Map(
      [...this.#weights].flatMap(([name, { name: value }]) => {
        const gradient = known.get(value);
        return gradient === undefined ? [] : [[name, gradient] as const];
      }),
    );
  }

  /** Remembers an operation, unless its result is known (equal nodes are one) or depends on no weight. */
  #record(output: GraphValue, inputs: readonly GraphValue[], pullback: Pullback): GraphValue {
    if (this.#varying.has(output.name) || !inputs.some(({ name }) => this.#varying.has(name))) return output;
    this.#varying.add(output.name);
    this.#recorded.push({ output, inputs, pullback });
    return output;
  }

  #slice(x: GraphValue, axis: number, first: number, count: number): GraphValue {
    return this.#record(this.#o.slice(x, axis, first, count), [x], (dy) => {
      const rank = x.shape.length;
      const [before, after] = [new Array(rank).fill(0), new Array(rank).fill(0)];
      before[axis] = first;
      after[axis] = x.shape[axis] - first - count;
      return [this.#graph.node('Pad', [dy, this.#graph.integers([...before, ...after])], x.shape)];
    });
  }

  /** Computes x^T y for rows of x and y. */
  #productOverRows(x: GraphValue, y: GraphValue): GraphValue {
    return this.#graph.node('Gemm', [x, y], [x.shape[1], y.shape[1]], { transA: 1 });
  }

  #rowsOf(x: GraphValue): GraphValue {
    return this.#o.reshape(x, [-1, x.shape[x.shape.length - 1]]);
  }

  /** Undoes broadcasting: sums over the axes along which a value of `shape` was repeated. */
  #sumTo(x: GraphValue, shape: readonly number[]): GraphValue {
    const extra = x.shape.length - shape.length;
    const axes = x.shape.flatMap((length, axis) => {
      const isRepeated = axis < extra || (shape[axis - extra] === 1 && length !== 1);
      return isRepeated ? [axis] : [];
    });
    if (axes.length === 0) return x;
    // Leading axes are summed as one, since ONNX Runtime sums over the first of two axes fastest.
    if (extra > 0 && axes.length === extra) {
      const size = shape.reduce((product, length) => product * length, 1);
      return this.#o.reshape(this.#sum(this.#o.reshape(x, [-1, size]), [0], [1, size]), shape);
    }
    const kept = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
    return this.#o.reshape(this.#sum(x, axes, kept), shape);
  }

  /** Sums over axes, which stay with length 1. */
  #sum(x: GraphValue, axes: readonly number[], shape: readonly number[]): GraphValue {
    return this.#graph.node('ReduceSum', [x, this.#graph.integers(axes)], shape, { keepdims: 1 });
  }

  #number(value: number): GraphValue {
    return this.#graph.floats(`${value}`, Float32Array.of(value), []);
  }
}

/** Turns whole numbers below `depth` into rows of zeros with a one at their place. */
export function oneHotOf(graph: GraphBuilder, x: GraphValue, depth: number): GraphValue {
  const range = graph.floats('zero and one', Float32Array.of(0, 1), [2]);
  return graph.node('OneHot', [x, graph.integers([depth]), range], [...x.shape, depth], { axis: -1 });
}
