/** Says how a new weight begins: normal with standard deviation `deviation`, or filled with `fill`. */
export type InitialWeight = { readonly deviation: number } | { readonly fill: number };

/**
 * Holds the operations that the network is made of. The network is defined once, over these; TensorFlow.js computes them
 * (tensorflow-operations.ts), and a graph of ONNX lists them (onnx/operations.ts).
 *
 * The first axis of every value is the batch, or is a multiple of it. A graph does not know its length, so shapes that are given here
 * begin with -1, and no operation but `repeat` changes or mixes the first axis.
 *
 * @typeParam T a tensor, or a value of a graph
 */
export interface Operations<T> {
  /** Gives the weight `name`. */
  weight(name: string, shape: number[], initial: InitialWeight): T;
  /** Makes a value of given numbers, which has no batch. */
  constant(values: Float32Array, shape: number[]): T;
  /** Gives the lengths of the axes; the first may be -1. */
  shapeOf(x: T): readonly number[];
  /** Computes x w + b over the last axis, for w [inputs, outputs] and b [outputs]. */
  affine(x: T, w: T, b: T): T;
  /** Computes `affine` for an x that is data, not computed from weights. */
  affineOfData(x: T, w: T, b: T): T;
  /** Gives the rows w[token] + b for tokens [rows, time], as [rows, time, outputs]. */
  lookUp(tokens: T, w: T, b: T): T;
  add(x: T, y: T): T;
  sub(x: T, y: T): T;
  abs(x: T): T;
  clip(x: T, low: number, high: number): T;
  relu(x: T): T;
  /** Normalizes the last axis to mean 0 and variance 1, then multiplies by `scale` and adds `shift`. */
  layerNorm(x: T, scale: T, shift: T): T;
  /** Computes the mean over an axis, which goes. */
  mean(x: T, axis: number): T;
  reshape(x: T, shape: number[]): T;
  transpose(x: T, axes: number[]): T;
  concat(parts: T[], axis: number): T;
  split(x: T, lengths: number[], axis: number): T[];
  /** Gives `count` rows of a weight from row `first` on. */
  rowsOf(x: T, first: number, count: number): T;
  /** Repeats each entry of the first axis, one after the other. */
  repeat(x: T, times: number): T;
  /**
   * Computes softmax(q k^T / sqrt(d) + mask) v for queries, keys and values [batch, heads, time, d]. `mask` broadcasts over
   * [batch, heads, time, keys].
   */
  attend(queries: T, keys: T, values: T, mask?: T): T;
}
