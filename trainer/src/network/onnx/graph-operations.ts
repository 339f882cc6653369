import type { GraphBuilder, GraphValue } from '../../onnx/graph-builder.js';
import type { Operations } from '../operations.js';
import type { StoredWeight } from '../parameters.js';

/** Holds the number that is added to a variance before its root is taken, the same as in ops.ts. */
const EPSILON = 1e-5;

/** Holds a layer normalization: its result, and of each row the mean and the inverse of the standard deviation. */
interface NormalizedParts {
  readonly result: GraphValue;
  readonly mean: GraphValue;
  readonly inverseDeviation: GraphValue;
}

/** Lists the network's operations as nodes of an ONNX graph. */
export class GraphOperations implements Operations<GraphValue> {
  readonly #graph: GraphBuilder;
  readonly #weights: ReadonlyMap<string, StoredWeight>;
  #constants = 0;

  constructor(graph: GraphBuilder, weights: readonly StoredWeight[]) {
    this.#graph = graph;
    this.#weights = new Map(weights.map((weight) => [weight.name, weight]));
  }

  weight(name: string, shape: number[]): GraphValue {
    const { values } = this.#weights.get(name) as StoredWeight;
    return this.#graph.floats(name, values, shape);
  }

  constant(values: Float32Array, shape: number[]): GraphValue {
    return this.#graph.floats(`constant/${this.#constants++}`, values, shape);
  }

  shapeOf(x: GraphValue): readonly number[] {
    return x.shape;
  }

  affine(x: GraphValue, w: GraphValue, b: GraphValue): GraphValue {
    const [inputs, outputs] = w.shape;
    const rows = this.reshape(x, [-1, inputs]);
    const y = this.#graph.node('Gemm', [rows, w, b], [rows.shape[0], outputs]);
    return this.reshape(y, [...x.shape.slice(0, -1), outputs]);
  }

  affineOfData(x: GraphValue, w: GraphValue, b: GraphValue): GraphValue {
    return this.affine(x, w, b);
  }

  lookUp(tokens: GraphValue, w: GraphValue, b: GraphValue): GraphValue {
    // The rows are few and belong to the graph: their sums with b are computed once.
    const rows = this.add(w, b);
    return this.#graph.node('Gather', [rows, tokens], [...tokens.shape, w.shape[1]]);
  }

  add(x: GraphValue, y: GraphValue): GraphValue {
    return this.#elementwise('Add', x, y);
  }

  sub(x: GraphValue, y: GraphValue): GraphValue {
    return this.#elementwise('Sub', x, y);
  }

  abs(x: GraphValue): GraphValue {
    return this.#graph.node('Abs', [x], x.shape);
  }

  clip(x: GraphValue, low: number, high: number): GraphValue {
    return this.#graph.node('Clip', [x, this.#scalar(low), this.#scalar(high)], x.shape);
  }

  relu(x: GraphValue): GraphValue {
    return this.#graph.node('Relu', [x], x.shape);
  }

  layerNorm(x: GraphValue, scale: GraphValue, shift: GraphValue): GraphValue {
    return this.layerNormParts(x, scale, shift).result;
  }

  /** Computes `layerNorm`, and what it subtracts and multiplies by. */
  layerNormParts(x: GraphValue, scale: GraphValue, shift: GraphValue): NormalizedParts {
    const ofRows = x.shape.with(-1, 1);
    const attributes = { axis: -1, epsilon: { real: EPSILON } };
    const [result, mean, inverseDeviation] = this.#graph.nodes(
      'LayerNormalization',
      [x, scale, shift],
      [x.shape, ofRows, ofRows],
      attributes,
    );
    return { result, mean, inverseDeviation };
  }

  mean(x: GraphValue, axis: number): GraphValue {
    const shape = x.shape.filter((_, index) => index !== axis);
    return this.#graph.node('ReduceMean', [x], shape, { axes: [axis], keepdims: 0 });
  }

  reshape(x: GraphValue, shape: readonly number[]): GraphValue {
    if (x.shape.length === shape.length && x.shape.every((length, axis) => length === shape[axis])) return x;
    // A value without a batch has all its lengths, also where -1 is asked for.
    const known = x.shape[0] === -1 ? shape : withoutUnknown(shape, x.shape);
    return this.#graph.node('Reshape', [x, this.#graph.integers(shape)], known);
  }

  transpose(x: GraphValue, axes: readonly number[]): GraphValue {
    const shape = axes.map((axis) => x.shape[axis]);
    return this.#graph.node('Transpose', [x], shape, { perm: axes });
  }

  concat(parts: readonly GraphValue[], axis: number): GraphValue {
    const shape = [...parts[0].shape];
    shape[axis] = parts.reduce((sum, part) => sum + part.shape[axis], 0);
    return this.#graph.node('Concat', parts, shape, { axis });
  }

  split(x: GraphValue, lengths: readonly number[], axis: number): GraphValue[] {
    const shapes = lengths.map((length) => x.shape.with(axis, length));
    return this.#graph.nodes('Split', [x, this.#graph.integers(lengths)], shapes, { axis });
  }

  rowsOf(x: GraphValue, first: number, count: number): GraphValue {
    return this.slice(x, 0, first, count);
  }

  repeat(x: GraphValue, times: number): GraphValue {
    const [rows, ...rest] = x.shape;
    const size = rest.reduce((product, length) => product * length, 1);
    const single = this.reshape(x, [-1, 1, size]);
    const repeated = this.#graph.node('Expand', [single, this.#graph.integers([1, times, 1])], [rows, times, size]);
    return this.reshape(repeated, [-1, ...rest]);
  }

  attend(queries: GraphValue, keys: GraphValue, values: GraphValue, mask?: GraphValue): GraphValue {
    const width = queries.shape[3];
    const scaled = this.#elementwise('Mul', queries, this.#scalar(1 / Math.sqrt(width)));
    const scores = this.matMul(scaled, this.transpose(keys, [0, 1, 3, 2]));
    return this.matMul(this.softmax(mask === undefined ? scores : this.add(scores, mask)), values);
  }

  /** Computes the products of matrices in the last two axes. */
  matMul(x: GraphValue, y: GraphValue): GraphValue {
    return this.#graph.node('MatMul', [x, y], [...x.shape.slice(0, -1), y.shape[y.shape.length - 1]]);
  }

  /** Computes exp(x) / sum of exp(x) over the last axis. */
  softmax(x: GraphValue): GraphValue {
    return this.#graph.node('Softmax', [x], x.shape, { axis: -1 });
  }

  /** Takes `count` entries of an axis from `first` on. */
  slice(x: GraphValue, axis: number, first: number, count: number): GraphValue {
    if (first === 0 && count === x.shape[axis]) return x;
    const [from, to, axes] = [[first], [first + count], [axis]].map((list) => this.#graph.integers(list));
    return this.#graph.node('Slice', [x, from, to, axes], x.shape.with(axis, count));
  }

  /** Multiplies entry by entry. */
  mul(x: GraphValue, y: GraphValue): GraphValue {
    return this.#elementwise('Mul', x, y);
  }

  #elementwise(opType: string, x: GraphValue, y: GraphValue): GraphValue {
    return this.#graph.node(opType, [x, y], broadcast(x.shape, y.shape));
  }

  #scalar(value: number): GraphValue {
    return this.#graph.floats(`${value}`, Float32Array.of(value), []);
  }
}

/** Gives the shape of an elementwise result: lengths of 1 stretch, also over a batch. */
export function broadcast(x: readonly number[], y: readonly number[]): number[] {
  const [long, short] = x.length >= y.length ? [x, y] : [y, x];
  const offset = long.length - short.length;
  return long.map((length, axis) => {
    const other = short[axis - offset] ?? 1;
    return length === 1 ? other : length;
  });
}

function withoutUnknown(shape: readonly number[], from: readonly number[]): number[] {
  const size = from.reduce((product, length) => product * length, 1);
  const known = shape.reduce((product, length) => (length === -1 ? product : product * length), 1);
  return shape.map((length) => (length === -1 ? size / known : length));
}
