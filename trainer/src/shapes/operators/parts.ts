import type { Call, Operator } from '../call.js';
import { foldMoved } from '../fold.js';
import { axisOf, type Dimension, MOST_DATA } from '../value.js';

// Operators that join, cut and pick.

const concat: Operator = (call) => {
  const type = call.inputs[0]?.type;
  const shapes = call.inputs.map((input) => input?.dims);
  const known = shapes.find((dims) => dims !== undefined);
  if (known === undefined) return [call.unknown(type)];
  const at = axisOf(call.int('axis', 1), known.length);
  if (shapes.some((dims) => dims !== undefined && dims.length !== known.length)) {
    throw call.conflict('inputs have different numbers of dimensions');
  }
  const dims = known.map((_, axis): Dimension => {
    const sizes = shapes.map((one) => one?.[axis]);
    return axis === at ? sumOf(sizes) : sizes.find((size) => size !== undefined);
  });
  // Along the first axis, numbers in row-major order follow each other.
  const isFollowed = at === 0 && call.inputs.every((input) => input?.data !== undefined);
  const data = isFollowed ? call.inputs.flatMap((input) => input?.data ?? []) : undefined;
  return [call.value(type, dims, data && data.length <= MOST_DATA ? data : undefined)];
};

function sumOf(sizes: readonly Dimension[]): Dimension {
  return sizes.reduce((sum, size) => (sum === undefined || size === undefined ? undefined : sum + size), 0);
}

const split: Operator = (call) => {
  const input = call.inputs[0];
  const count = call.node.outputs.length;
  const dims = input?.dims;
  if (dims === undefined) return Array.from({ length: count }, () => call.unknown(input?.type));
  const at = axisOf(call.int('axis', 0), dims.length);
  const sizes = call.listOf('split', 1);
  let start: Dimension = 0;
  return Array.from({ length: count }, (_, index) => {
    const size = sizes === 'unknown' ? undefined : (sizes?.[index] ?? equalPart(call, dims[at], index));
    const before = start;
    start = sumOf([start, size]);
    const result = dims.map((dim, axis) => (axis === at ? size : dim));
    const data =
      before === undefined
        ? undefined
        : foldMoved(input, result, (position) => position.map((one, axis) => (axis === at ? one + before : one)));
    return call.value(input?.type, result, data);
  });
};

/** Finds the size of one of as many equal parts as there are outputs. The last may be smaller. */
function equalPart(call: Call, total: Dimension, index: number): Dimension {
  if (total === undefined) return undefined;
  const part = Math.ceil(total / call.int('num_outputs', call.node.outputs.length));
  return Math.max(0, Math.min(part, total - index * part));
}

interface Cut {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

const slice: Operator = (call) => {
  const input = call.inputs[0];
  const dims = input?.dims;
  if (dims === undefined) return [call.unknown(input?.type)];
  const [starts, ends] = [call.listOf('starts', 1), call.listOf('ends', 2)];
  const [axes, steps] = [call.listOf('axes', 3), call.listOf('steps', 4)];
  const lists = [starts, ends, steps].filter((list) => list !== undefined);
  if (axes === 'unknown') return [call.value(input?.type, Array<Dimension>(dims.length).fill(undefined))];
  const count = lists.find((list) => list !== 'unknown')?.length ?? call.dims(1)?.[0] ?? dims.length;
  const touched = (axes ?? Array.from({ length: count }, (_, axis) => axis)).map((axis) => axisOf(axis, dims.length));
  if (!starts || !ends || starts === 'unknown' || ends === 'unknown' || steps === 'unknown') {
    const rest = dims.map((dim, axis) => (touched.includes(axis) ? undefined : dim));
    return [call.value(input?.type, rest)];
  }
  const spans = dims.map((dim, axis) => {
    const index = touched.indexOf(axis);
    if (dim === undefined) return undefined;
    return index < 0
      ? { first: 0, step: 1, length: dim }
      : spanOf({ start: starts[index], end: ends[index], step: steps?.[index] ?? 1 }, dim);
  });
  // An axis that is not cut keeps its size even if that is unknown.
  const result = spans.map((span) => span?.length);
  const data = foldMoved(input, result, (position) =>
    position.map((one, axis) => (spans[axis]?.first ?? 0) + one * (spans[axis]?.step ?? 1)),
  );
  return [call.value(input?.type, result, data)];
};

/** Finds which positions of an axis a cut takes. Ends that lie outside are moved to the edge, as NumPy does. */
function spanOf({ start, end, step }: Cut, size: number): { first: number; step: number; length: number } {
  const clamp = (value: number): number =>
    step > 0 ? Math.min(size, Math.max(0, value)) : Math.min(size - 1, Math.max(-1, value));
  const [first, last] = [clamp(start < 0 ? start + size : start), clamp(end < 0 ? end + size : end)];
  return { first, step, length: Math.max(0, Math.ceil((last - first) / (step || 1))) };
}

const gather: Operator = (call) => {
  const [input, indices] = call.inputs;
  if (input?.dims === undefined || indices?.dims === undefined) return [call.unknown(input?.type)];
  const at = axisOf(call.int('axis', 0), input.dims.length);
  const dims = [...input.dims.slice(0, at), ...indices.dims, ...input.dims.slice(at + 1)];
  const list = input.dims.length === 1 ? input.data : undefined;
  const picked = list && call.numbers(1)?.map((index) => list[axisOf(index, list.length)]);
  return [call.value(input.type, dims, picked)];
};

const gatherNd: Operator = (call) => {
  const [input, indices] = call.inputs;
  const depth = indices?.dims?.at(-1);
  if (input?.dims === undefined || indices?.dims === undefined || depth === undefined)
    return [call.unknown(input?.type)];
  const shared = call.int('batch_dims', 0);
  return [call.value(input.type, [...indices.dims.slice(0, -1), ...input.dims.slice(shared + depth)])];
};

export const PARTS: Record<string, Operator> = {
  Concat: concat,
  Split: split,
  Slice: slice,
  Gather: gather,
  GatherElements: (call) => [call.value(call.inputs[0]?.type, call.dims(1))],
  GatherND: gatherNd,
};
