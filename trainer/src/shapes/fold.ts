import { type Dimension, isKnown, MOST_DATA, product, type Value } from './value.js';

/** Computes the numbers of an elementwise result; undefined if they are too many or an operand's are not followed. */
export function foldElementwise(
  operands: readonly (Value | undefined)[],
  dims: readonly Dimension[] | undefined,
  compute: (...values: number[]) => number | undefined,
): (number | undefined)[] | undefined {
  if (!isKnown(dims)) return undefined;
  const count = product(dims) as number;
  if (count > MOST_DATA) return undefined;
  const reads = operands.map((operand) => readerOf(operand, dims));
  if (reads.some((read) => read === undefined)) return undefined;
  return Array.from({ length: count }, (_, index) => {
    const values = (reads as Read[]).map((read) => read(index));
    return values.includes(undefined) ? undefined : compute(...(values as number[]));
  });
}

type Read = (index: number) => number | undefined;

/** Reads an operand at an index of the broadcast result. */
function readerOf(operand: Value | undefined, dims: readonly number[]): Read | undefined {
  const { data, dims: own } = operand ?? {};
  if (data === undefined || !isKnown(own)) return undefined;
  if (data.length === 1) return () => data[0];
  const strides = stridesOf(own);
  const resultStrides = stridesOf(dims);
  const offset = dims.length - own.length;
  return (index) => {
    let at = 0;
    for (let axis = 0; axis < own.length; axis++) {
      const position = Math.floor(index / resultStrides[axis + offset]) % dims[axis + offset];
      at += own[axis] === 1 ? 0 : position * strides[axis];
    }
    return data[at];
  };
}

/**
 * Moves the numbers of a value; undefined if they are too many or not followed.
 * @param origin tells which position of the value a position of the result is taken from
 */
export function foldMoved(
  value: Value | undefined,
  dims: readonly Dimension[],
  origin: (position: readonly number[]) => readonly number[],
): (number | undefined)[] | undefined {
  const { data, dims: from } = value ?? {};
  if (data === undefined || !isKnown(from) || !isKnown(dims)) return undefined;
  const count = product(dims) as number;
  if (count > MOST_DATA) return undefined;
  const [strides, resultStrides] = [stridesOf(from), stridesOf(dims)];
  return Array.from({ length: count }, (_, index) => {
    const position = dims.map((dim, axis) => Math.floor(index / resultStrides[axis]) % dim);
    return data[origin(position).reduce((at, one, axis) => at + one * strides[axis], 0)];
  });
}

function stridesOf(dims: readonly number[]): number[] {
  return dims.map((_, axis) => dims.slice(axis + 1).reduce((result, dim) => result * dim, 1));
}
