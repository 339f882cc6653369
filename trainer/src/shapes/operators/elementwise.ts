import type { Call, Operator } from '../call.js';
import { type ElementType, elementType } from '../element-type.js';
import { foldElementwise } from '../fold.js';
import type { Value } from '../value.js';

/** Operators whose first output has the shape of the first input. */
const SAME = [
  ...['Abs', 'Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'BitwiseNot', 'Celu', 'Clip', 'Cos', 'Cosh', 'CumSum'],
  ...[
    'Elu',
    'Erf',
    'Exp',
    'Gelu',
    'GroupNormalization',
    'HardSigmoid',
    'HardSwish',
    'Hardmax',
    'InstanceNormalization',
  ],
  ...['LeakyRelu', 'Log', 'LogSoftmax', 'LpNormalization', 'LRN', 'MeanVarianceNormalization', 'Mish'],
  ...['RMSNormalization', 'Reciprocal', 'Relu', 'ReverseSequence', 'RotaryEmbedding', 'Round', 'ScatterElements'],
  ...['ScatterND', 'Scatter', 'Selu', 'Shrink', 'Sigmoid', 'Sign', 'Sin', 'Sinh', 'Softmax', 'Softplus', 'Softsign'],
  ...['Swish', 'Tan', 'Tanh', 'TensorScatter', 'ThresholdedRelu', 'Trilu', 'Bernoulli', 'RandomNormalLike'],
  ...['RandomUniformLike', 'EyeLike', 'ImageScaler', 'ParametricSoftplus', 'ScaledTanh', 'Affine'],
];

/** Operators of several inputs that broadcast, with what they compute. */
const COMBINED: Record<string, ((a: number, b: number) => number | undefined) | undefined> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Pow: (a, b) => a ** b,
  Max: (a, b) => Math.max(a, b),
  Min: (a, b) => Math.min(a, b),
  Mod: (a, b) => (b === 0 ? undefined : ((a % b) + b) % b),
  Sum: (a, b) => a + b,
  Mean: undefined,
  BitShift: undefined,
  BitwiseAnd: undefined,
  BitwiseOr: undefined,
  BitwiseXor: undefined,
};

/** Operators of two inputs that broadcast and tell true (1) or false (0). */
const COMPARED: Record<string, (a: number, b: number) => boolean> = {
  Equal: (a, b) => a === b,
  Greater: (a, b) => a > b,
  GreaterOrEqual: (a, b) => a >= b,
  Less: (a, b) => a < b,
  LessOrEqual: (a, b) => a <= b,
  And: (a, b) => a !== 0 && b !== 0,
  Or: (a, b) => a !== 0 || b !== 0,
  Xor: (a, b) => (a !== 0) !== (b !== 0),
};

/** Operators of one input whose numbers are followed. */
const FOLDED: Record<string, (a: number) => number> = {
  Ceil: Math.ceil,
  Floor: Math.floor,
  Neg: (a) => -a,
  Not: (a) => (a === 0 ? 1 : 0),
  Sqrt: Math.sqrt,
  Identity: (a) => a,
};

const WHOLE = new Set<ElementType | undefined>(['i64', 'i32', 'i16', 'i8', 'u8', 'u16', 'u32', 'u64']);

/** Makes an output like an input, of which the numbers are not followed. */
export function like(call: Call, index = 0, type = call.inputs[index]?.type): Value {
  return call.value(type, call.dims(index));
}

function combined(
  call: Call,
  type: ElementType | undefined,
  compute: ((a: number, b: number) => unknown) | undefined,
): Value {
  const { inputs } = call;
  // Before opset 7 the second operand was stretched to the first by an attribute.
  if (call.attribute('broadcast')) return call.value(type, call.dims(0));
  const dims = call.broadcast(inputs.map((input) => input?.dims));
  if (compute === undefined || inputs.length === 0) return call.value(type, dims);
  const data = foldElementwise(inputs, dims, (first, ...others) =>
    others.reduce<number | undefined>((result, other) => {
      const next = result === undefined ? undefined : compute(result, other);
      return next === undefined ? undefined : Number(next);
    }, first),
  );
  return call.value(type, dims, data);
}

const divide: Operator = (call) => {
  const type = call.inputs[0]?.type;
  return [
    combined(call, type, WHOLE.has(type) ? (a, b) => (b === 0 ? undefined : Math.trunc(a / b)) : (a, b) => a / b),
  ];
};

const where: Operator = (call) => {
  const dims = call.broadcast(call.inputs.map((input) => input?.dims));
  const data = foldElementwise(call.inputs, dims, (condition, yes, no) => (condition === 0 ? no : yes));
  return [call.value(call.inputs[1]?.type, dims, data)];
};

const cast: Operator = (call) => {
  const type = castType(call);
  const dims = call.dims(0);
  const toWhole = WHOLE.has(type) ? Math.trunc : (a: number): number => a;
  return [call.value(type, dims, foldElementwise([call.inputs[0]], dims, toWhole))];
};

function castType(call: Call): ElementType | undefined {
  if (call.node.op === 'CastLike') return call.inputs[1]?.type;
  return elementType(call.int('to', 0));
}

/** One value for each channel, as batch normalization keeps them. */
const batchNormalization: Operator = (call) => {
  const statistics = like(call, 1);
  return [like(call), ...call.node.outputs.slice(1).map(() => statistics)];
};

/** Statistics over the axes from `axis` on: those have the size 1. */
const layerNormalization: Operator = (call) => {
  const dims = call.dims(0);
  const axis = call.int('axis', -1);
  const from = dims && (axis < 0 ? axis + dims.length : axis);
  const statistics = call.value(
    'f32',
    dims?.map((dim, index) => (index >= (from as number) ? 1 : dim)),
  );
  return [like(call), statistics, statistics];
};

const dequantize: Operator = (call) => [like(call, 0, call.inputs[1]?.type)];
const quantize: Operator = (call) => [like(call, 0, call.inputs[2]?.type ?? 'u8')];
const dynamicQuantize: Operator = (call) => [like(call, 0, 'u8'), call.value('f32', []), call.value('u8', [])];

export const ELEMENTWISE: Record<string, Operator> = {
  ...Object.fromEntries(SAME.map((op) => [op, (call: Call) => [like(call)]])),
  ...Object.fromEntries(
    Object.entries(COMBINED).map(([op, compute]) => [
      op,
      (call: Call) => [combined(call, call.inputs[0]?.type, compute)],
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(COMPARED).map(([op, compute]) => [op, (call: Call) => [combined(call, 'bool', compute)]]),
  ),
  ...Object.fromEntries(
    Object.entries(FOLDED).map(([op, compute]) => [
      op,
      (call: Call) => [
        call.value(call.inputs[0]?.type, call.dims(0), foldElementwise(call.inputs, call.dims(0), compute)),
      ],
    ]),
  ),
  Div: divide,
  PRelu: (call) => [like(call)],
  Where: where,
  Cast: cast,
  CastLike: cast,
  IsNaN: (call) => [like(call, 0, 'bool')],
  IsInf: (call) => [like(call, 0, 'bool')],
  Dropout: (call) => [like(call), like(call, 0, 'bool')],
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  DequantizeLinear: dequantize,
  QuantizeLinear: quantize,
  DynamicQuantizeLinear: dynamicQuantize,
};
