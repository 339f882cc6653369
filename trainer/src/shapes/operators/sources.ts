import type { Call, Operator } from '../call.js';
import type { ElementType } from '../element-type.js';
import { elementType } from '../element-type.js';
import type { Tensor } from '../model.js';
import { axisOf, type Dimension, MOST_DATA, ofRank, product, type Value } from '../value.js';

// Operators that make a value out of constants, or of the shape of another.

/** Makes a value of a tensor in the file. */
export function tensorValue({ type, dims, data }: Tensor): Value {
  return { type, dims, data: data && data.length <= MOST_DATA ? data : undefined };
}

const constant: Operator = (call) => {
  const tensor = call.tensor('value');
  if (tensor !== undefined) return [tensorValue(tensor)];
  const lists: readonly [name: string, type: ElementType, data: readonly number[] | undefined][] = [
    ['value_ints', 'i64', call.attribute('value_ints')?.ints],
    ['value_floats', 'f32', call.attribute('value_floats')?.floats],
  ];
  for (const [, type, data] of lists) if (data !== undefined) return [call.value(type, [data.length], data)];
  if (call.attribute('value_int')) return [call.value('i64', [], [call.int('value_int', 0)])];
  const float = call.attribute('value_float')?.float;
  if (float !== undefined) return [call.value('f32', [], [float])];
  if (call.attribute('value_string')) return [call.value('string', [])];
  return [call.unknown()];
};

const shape: Operator = (call) => {
  const dims = call.dims(0);
  if (dims === undefined) return [call.value('i64', [undefined])];
  const part = dims.slice(call.int('start', 0), call.attribute('end') ? call.int('end', 0) : undefined);
  return [call.value('i64', [part.length], part)];
};

const size: Operator = (call) => {
  const dims = call.dims(0);
  return [call.value('i64', [], [dims && product(dims)])];
};

const constantOfShape: Operator = (call) => {
  const value = call.tensor('value');
  const dims = call.inputs[0]?.data;
  const type = value?.type ?? 'f32';
  if (dims === undefined) return [call.value(type, ofRank(call.dims(0)?.[0]))];
  const count = product(dims);
  const filled = value === undefined ? 0 : value.data?.[0];
  return [call.value(type, dims, count !== undefined && count <= MOST_DATA ? Array(count).fill(filled) : undefined)];
};

const range: Operator = (call) => {
  const [start, limit, delta] = [0, 1, 2].map((index) => call.numbers(index)?.[0]);
  const type = call.inputs[0]?.type;
  if (start === undefined || limit === undefined || !delta) return [call.value(type, [undefined])];
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  return [
    call.value(
      type,
      [count],
      count <= MOST_DATA ? Array.from({ length: count }, (_, index) => start + index * delta) : undefined,
    ),
  ];
};

const oneHot: Operator = (call) => {
  const dims = call.dims(0);
  const depth = call.numbers(1)?.[0];
  if (dims === undefined) return [call.unknown(call.inputs[2]?.type)];
  const at = axisOf(call.int('axis', -1), dims.length + 1);
  return [call.value(call.inputs[2]?.type, [...dims.slice(0, at), depth, ...dims.slice(at)])];
};

/** Random numbers, windows and matrices of a shape that is an attribute. */
const ofShape: Operator = (call) => [call.value(elementType(call.int('dtype', 1)), call.attribute('shape')?.ints)];

const window: Operator = (call) => [call.value('f32', [call.numbers(0)?.[0]])];

const multinomial: Operator = (call) => [
  call.value(elementType(call.int('dtype', 6)), [call.dims(0)?.[0], call.int('sample_size', 1)]),
];

/** A result whose length depends on data. */
function dependingOnData(
  type: (call: Call) => ElementType | undefined,
  dims: (call: Call) => readonly Dimension[],
): Operator {
  return (call) => [call.value(type(call), dims(call))];
}

export const SOURCES: Record<string, Operator> = {
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Shape: shape,
  Size: size,
  Range: range,
  OneHot: oneHot,
  RandomNormal: ofShape,
  RandomUniform: ofShape,
  HannWindow: window,
  HammingWindow: window,
  BlackmanWindow: window,
  Multinomial: multinomial,
  NonZero: dependingOnData(
    () => 'i64',
    (call) => [call.dims(0)?.length, undefined],
  ),
  NonMaxSuppression: dependingOnData(
    () => 'i64',
    () => [undefined, 3],
  ),
  Compress: dependingOnData(
    (call) => call.inputs[0]?.type,
    (call) =>
      call.attribute('axis')
        ? (call.dims(0) ?? []).map((dim, axis, all) =>
            axis === axisOf(call.int('axis', 0), all.length) ? undefined : dim,
          )
        : [undefined],
  ),
  Unique: (call) => [
    call.value(
      call.inputs[0]?.type,
      call.attribute('axis')
        ? call.dims(0)?.map((dim, axis, all) => (axis === axisOf(call.int('axis', 0), all.length) ? undefined : dim))
        : [undefined],
    ),
    ...call.node.outputs.slice(1).map(() => call.value('i64', [undefined])),
  ],
};
