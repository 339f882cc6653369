import type { Call, Operator } from '../call.js';
import { type Dimension, product, type Value } from '../value.js';

/** The sizes of an attention: of each of batch * heads products Q K^T (queries x keys) and of what follows (queries x values' width). */
interface AttentionSizes {
  readonly batch: Dimension;
  readonly heads: Dimension;
  readonly queries: Dimension;
  /** Past ones too. */
  readonly keys: Dimension;
  readonly width: Dimension;
  readonly valueWidth: Dimension;
}

/** Hands on the two products of an attention. */
function attend(
  call: Call,
  { batch, heads, queries, keys, width, valueWidth }: AttentionSizes,
  operands: readonly (Value | undefined)[],
): void {
  const count = product([batch, heads]);
  call.product({ m: queries, k: width, n: keys, count }, operands, 'QK');
  call.product({ m: queries, k: keys, n: valueWidth, count }, operands, 'PV');
}

function over(size: Dimension, by: number | undefined): Dimension {
  return size === undefined || !by ? undefined : size / by;
}

function sum(a: Dimension, b: Dimension): Dimension {
  return a === undefined || b === undefined ? undefined : a + b;
}

/** ONNX's own (opset 23): Q, K, V as [batch, heads, length, width], or [batch, length, heads * width]; past keys and values. */
const attention: Operator = (call) => {
  const [q, k, v] = [0, 1, 2].map((index) => call.dims(index));
  const type = call.inputs[0]?.type;
  const isSplit = q?.length === 4;
  const [queryHeads, keyHeads] = [call.int('q_num_heads', 0), call.int('kv_num_heads', 0)];
  const heads = isSplit ? q[1] : queryHeads || undefined;
  const own = isSplit ? k?.[2] : k?.[1];
  // A past that is left out has no length.
  const past = call.has(4) ? call.dims(4)?.[2] : 0;
  const keys = sum(past, own);
  const width = isSplit ? q[3] : over(q?.[2], queryHeads);
  const valueWidth = isSplit ? v?.[3] : over(v?.[2], keyHeads);
  const [batch, queries] = [q?.[0], isSplit ? q[2] : q?.[1]];
  attend(call, { batch, heads, queries, keys, width, valueWidth }, call.inputs.slice(0, 3));
  const merged = heads === undefined || valueWidth === undefined ? undefined : heads * valueWidth;
  const keysHeads = isSplit ? k?.[1] : keyHeads || undefined;
  return [
    call.value(type, q && (isSplit ? [batch, heads, queries, valueWidth] : [batch, queries, merged])),
    call.value(type, [batch, keysHeads, keys, isSplit ? k?.[3] : over(k?.[2], keyHeads)]),
    call.value(type, [batch, keysHeads, keys, valueWidth]),
    call.value(type, [batch, heads, queries, keys]),
  ];
};

/** com.microsoft.Attention: the projections of Q, K and V in one product, then the attention. Past is [2, batch, heads, length, width]. */
const projected: Operator = (call) => {
  const [batch, queries, inner] = call.dims(0) ?? [];
  const all = call.dims(1)?.[1];
  const heads = call.int('num_heads', 0) || undefined;
  const sizes = call.ints('qkv_hidden_sizes');
  const [keysSize, valuesSize] = sizes ? [sizes[1], sizes[2]] : [over(all, 3), over(all, 3)];
  const past = call.has(4) ? call.dims(4)?.[3] : 0;
  call.product({ m: product([batch, queries]), k: inner, n: all }, call.inputs.slice(0, 2), 'projection');
  const [width, valueWidth] = [over(keysSize, heads), over(valuesSize, heads)];
  const keys = sum(past, queries);
  attend(call, { batch, heads, queries, keys, width, valueWidth }, call.inputs.slice(0, 2));
  const type = call.inputs[0]?.type;
  return [call.value(type, [batch, queries, valuesSize]), call.value(type, [2, batch, heads, keys, width])];
};

/** com.microsoft.MultiHeadAttention: projected Q, K, V; K and V may come split into heads, or packed with Q. */
const multiHead: Operator = (call) => {
  const [q, k, v] = [0, 1, 2].map((index) => call.dims(index));
  const heads = call.int('num_heads', 0) || undefined;
  const type = call.inputs[0]?.type;
  // Packed: [batch, length, heads, 3, width].
  const isPacked = q?.length === 5;
  const [batch, queries] = q ?? [];
  const hidden = isPacked ? product([heads, q[4]]) : q?.[2];
  const isSplit = k?.length === 4;
  const own = isPacked ? queries : isSplit ? k[2] : k?.[1];
  const past = call.has(6) ? call.dims(6)?.[2] : 0;
  // Keys of a cross-attention that are split into heads are whole already.
  const keys = isSplit ? own : sum(past, own);
  const width = over(hidden, heads);
  const valueWidth = isPacked ? width : v?.length === 4 ? v[3] : over(v?.[2], heads);
  attend(call, { batch, heads, queries, keys, width, valueWidth }, call.inputs.slice(0, 3));
  return [
    call.value(type, [batch, queries, product([heads, valueWidth])]),
    call.value(type, [batch, heads, keys, width]),
    call.value(type, [batch, heads, keys, valueWidth]),
  ];
};

/** com.microsoft.GroupQueryAttention: fewer heads of keys than of queries; the past may have room for the longest total. */
const groupQuery: Operator = (call) => {
  const [batch, queries, hidden] = call.dims(0) ?? [];
  const [heads, keyHeads] = [call.int('num_heads', 0) || undefined, call.int('kv_num_heads', 0) || undefined];
  const type = call.inputs[0]?.type;
  const isPacked = !call.has(1);
  const width = isPacked
    ? over(hidden, heads === undefined || keyHeads === undefined ? undefined : heads + 2 * keyHeads)
    : over(hidden, heads);
  const total = call.numbers(6)?.[0] ?? sum(call.has(3) ? call.dims(3)?.[2] : 0, queries);
  attend(call, { batch, heads, queries, keys: total, width, valueWidth: width }, call.inputs.slice(0, 3));
  const present = (): Value => call.value(type, [batch, keyHeads, total, width]);
  return [call.value(type, [batch, queries, product([heads, width])]), present(), present()];
};

export const ATTENTION: Record<string, Operator> = { Attention: attention };

export const MICROSOFT_ATTENTION: Record<string, Operator> = {
  Attention: projected,
  MultiHeadAttention: multiHead,
  GroupQueryAttention: groupQuery,
};
