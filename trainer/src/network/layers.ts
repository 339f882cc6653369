import type { Operations } from './operations.js';

/** Applies an affine map to the last axis. `gain` scales the initial weights, whose deviation is gain / sqrt(inputs). */
export function linear<T>(o: Operations<T>, name: string, x: T, outputs: number, gain = 1): T {
  const { w, b } = affineWeights(o, name, lastOf(o, x), outputs, gain);
  return o.affine(x, w, b);
}

/** Applies an affine map like `linear`, to inputs of the network, which need no gradient. */
export function embed<T>(o: Operations<T>, name: string, x: T, outputs: number, gain = 1): T {
  const { w, b } = affineWeights(o, name, lastOf(o, x), outputs, gain);
  return o.affineOfData(x, w, b);
}

/** Turns tokens 0 … count-1, [rows, time], into vectors, [rows, time, outputs]. */
export function embedTokens<T>(o: Operations<T>, name: string, tokens: T, count: number, outputs: number): T {
  const { w, b } = affineWeights(o, name, count, outputs, 4);
  return o.lookUp(tokens, w, b);
}

function affineWeights<T>(o: Operations<T>, name: string, inputs: number, outputs: number, gain: number) {
  const w = o.weight(`${name}/w`, [inputs, outputs], { deviation: gain / Math.sqrt(inputs) });
  const b = o.weight(`${name}/b`, [outputs], { fill: 0 });
  return { w, b };
}

function lastOf<T>(o: Operations<T>, x: T): number {
  return o.shapeOf(x).at(-1) as number;
}

/** Normalizes the last axis (layer normalization), with a learnt scale and shift. */
export function layerNorm<T>(o: Operations<T>, name: string, x: T): T {
  const width = lastOf(o, x);
  const scale = o.weight(`${name}/scale`, [width], { fill: 1 });
  const shift = o.weight(`${name}/shift`, [width], { fill: 0 });
  return o.layerNorm(x, scale, shift);
}

/** Computes x + W2 relu(W1 norm(x)); `hidden` is the width of the hidden layer. */
export function feedForward<T>(o: Operations<T>, name: string, x: T, hidden: number): T {
  const inner = o.relu(linear(o, `${name}/in`, layerNorm(o, `${name}/norm`, x), hidden, Math.SQRT2));
  return o.add(x, linear(o, `${name}/out`, inner, lastOf(o, x), 0.5));
}

/** Holds keys and values, each [batch, heads, time, width / heads]. */
export interface KeysAndValues<T> {
  readonly keys: T;
  readonly values: T;
}

/** Turns [batch, time, width] into [batch, heads, time, width / heads]. */
export function splitHeads<T>(o: Operations<T>, x: T, heads: number): T {
  const [, time, width] = o.shapeOf(x);
  if (heads === 1) return o.reshape(x, [-1, 1, time, width]);
  if (time === 1) return o.reshape(x, [-1, heads, 1, width / heads]);
  return o.transpose(o.reshape(x, [-1, time, heads, width / heads]), [0, 2, 1, 3]);
}

/** Lets queries attend to keys and values, and merges the heads, [batch, time, width]. */
export function attend<T>(o: Operations<T>, queries: T, { keys, values }: KeysAndValues<T>, mask?: T): T {
  const [, heads, time, width] = o.shapeOf(queries);
  const mixed = o.attend(queries, keys, values, mask);
  if (heads === 1 || time === 1) return o.reshape(mixed, [-1, time, heads * width]);
  return o.reshape(o.transpose(mixed, [0, 2, 1, 3]), [-1, time, heads * width]);
}

/**
 * Computes the keys and values of cells or tokens, x [batch, time, inputs]. Each has a map of its own, as splitting a joint one copies
 * slowly in WASM.
 */
export function keysAndValues<T>(o: Operations<T>, name: string, x: T, width: number, heads: number): KeysAndValues<T> {
  return {
    keys: splitHeads(o, linear(o, `${name}/keys`, x, width), heads),
    values: splitHeads(o, linear(o, `${name}/values`, x, width), heads),
  };
}

/** Applies self-attention with pre-normalization and a residual connection, [batch, time, width]. */
export function selfAttention<T>(o: Operations<T>, name: string, x: T, heads: number): T {
  const width = lastOf(o, x);
  const normalized = layerNorm(o, `${name}/norm`, x);
  const queries = splitHeads(o, linear(o, `${name}/queries`, normalized, width), heads);
  const mixed = attend(o, queries, keysAndValues(o, name, normalized, width, heads));
  return o.add(x, linear(o, `${name}/out`, mixed, width, 0.5));
}

/** The number of features of an integer. */
const PLANES = 4;

/**
 * Turns integers into features that a linear map can read as well as a one-hot encoding of -2 … 2: the sign, the part beyond ±1, and
 * the absolute values of both. The last axis becomes four times as long.
 */
export function integerPlanes<T>(o: Operations<T>, x: T): T {
  const one = o.clip(x, -1, 1);
  const more = o.sub(o.clip(x, -2, 2), one);
  return o.concat([one, more, o.abs(one), o.abs(more)], o.shapeOf(x).length - 1);
}

/**
 * Embeds the integer planes of x, which is given whole or in parts along its last axis. In parts, it is the sum of what the parts
 * contribute, each by its own rows of the weights, so that a part that stays the same need not be embedded again.
 */
export function embedIntegers<T>(o: Operations<T>, name: string, parts: readonly T[], outputs: number): T {
  const lengths = parts.map((part) => lastOf(o, part));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const { w, b } = affineWeights(o, name, PLANES * total, outputs, 1);
  if (parts.length === 1) return o.affineOfData(integerPlanes(o, parts[0]), w, b);
  let first = 0;
  const embedded = parts.map((part, index) => {
    const rows = Array.from({ length: PLANES }, (_, plane) => o.rowsOf(w, plane * total + first, lengths[index]));
    first += lengths[index];
    const bias = index === 0 ? b : o.constant(new Float32Array(outputs), [outputs]);
    return o.affineOfData(integerPlanes(o, part), o.concat(rows, 0), bias);
  });
  return embedded.reduce((sum, part) => o.add(sum, part));
}
