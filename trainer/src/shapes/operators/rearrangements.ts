import type { Operator } from '../call.js';
import { foldMoved } from '../fold.js';
import { axisOf, type Dimension, ofRank, product } from '../value.js';

// Operators that keep all numbers and arrange them in another shape.

const reshape: Operator = (call) => {
  const input = call.inputs[0];
  const given = call.attribute('shape')?.ints ?? call.inputs[1]?.data;
  const type = input?.type;
  if (given === undefined) {
    // A shape of unknown content still tells how many dimensions there will be.
    return [call.value(type, ofRank(call.dims(1)?.[0]))];
  }
  const copiesZeros = call.int('allowzero', 0) === 0;
  const total = input?.dims && product(input.dims);
  const dims = given.map((size, axis): Dimension => (size === 0 && copiesZeros ? input?.dims?.[axis] : size));
  const open = dims.indexOf(-1);
  if (open >= 0) dims[open] = remaining(total, dims, open);
  const count = product(dims);
  if (dims.some((size) => size !== undefined && !(size >= 0 && Number.isInteger(size))) || contradicts(count, total)) {
    throw call.conflict(
      `${String(total)} numbers do not fit the shape [${given.map((size) => size ?? '?').join(', ')}]`,
    );
  }
  return [call.value(type, dims, input?.data)];
};

function contradicts(a: Dimension, b: Dimension): boolean {
  return a !== undefined && b !== undefined && a !== b;
}

/** Finds the size that -1 stands for. */
function remaining(total: Dimension, dims: readonly Dimension[], open: number): Dimension {
  const others = product(dims.filter((_, axis) => axis !== open));
  if (total === undefined || others === undefined) return undefined;
  return others === 0 ? 0 : total / others;
}

const transpose: Operator = (call) => {
  const input = call.inputs[0];
  const dims = input?.dims;
  if (dims === undefined) return [call.unknown(input?.type)];
  const order = call.ints('perm') ?? dims.map((_, axis) => dims.length - 1 - axis);
  if (order.length !== dims.length)
    throw call.conflict(`an input of ${dims.length} dimensions has ${order.length} to reorder`);
  const result = order.map((axis) => dims[axis]);
  const data = foldMoved(input, result, (position) => dims.map((_, axis) => position[order.indexOf(axis)]));
  return [call.value(input?.type, result, data)];
};

const flatten: Operator = (call) => {
  const dims = call.dims(0);
  if (dims === undefined) return [call.value(call.inputs[0]?.type, [undefined, undefined])];
  const axis = axisOf(call.int('axis', 1), dims.length);
  return [call.value(call.inputs[0]?.type, [product(dims.slice(0, axis)), product(dims.slice(axis))])];
};

const squeeze: Operator = (call) => {
  const input = call.inputs[0];
  const axes = call.listOf('axes', 1);
  const { dims } = input ?? {};
  if (dims === undefined || axes === 'unknown') return [call.unknown(input?.type)];
  if (axes === undefined && dims.includes(undefined)) return [call.unknown(input?.type)];
  const gone = new Set(
    axes?.map((axis) => axisOf(axis, dims.length)) ?? dims.flatMap((dim, axis) => (dim === 1 ? [axis] : [])),
  );
  return [
    call.value(
      input?.type,
      dims.filter((_, axis) => !gone.has(axis)),
      input?.data,
    ),
  ];
};

const unsqueeze: Operator = (call) => {
  const input = call.inputs[0];
  const axes = call.listOf('axes', 1);
  if (input?.dims === undefined || axes === 'unknown' || axes === undefined) return [call.unknown(input?.type)];
  const rank = input.dims.length + axes.length;
  const added = new Set(axes.map((axis) => axisOf(axis, rank)));
  const rest = [...input.dims];
  const dims = Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : rest.shift()));
  return [call.value(input.type, dims, input.data)];
};

export const REARRANGEMENTS: Record<string, Operator> = {
  Reshape: reshape,
  Transpose: transpose,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
};
