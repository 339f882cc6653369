import type { Call, Operator } from '../call.js';
import { MICROSOFT_ATTENTION } from './attention.js';
import { ELEMENTWISE, like } from './elementwise.js';
import { gemm, matMul } from './products.js';
import { WINDOWS } from './windows.js';

// The operators that ONNX Runtime's optimizer puts in place of several of ONNX's (domain com.microsoft).

const fusedMatMul: Operator = (call) => [
  matMul(call, {
    ...{ a: 0, b: 1, type: call.inputs[0]?.type },
    transA: call.int('transA', 0) !== 0,
    transB: call.int('transB', 0) !== 0,
  }),
];

/** Weights of a few bits, kept as N x blocks; K and N are attributes. */
const matMulNBits: Operator = (call) => {
  const dims = call.dims(0);
  const [k, n] = [call.int('K', 0) || undefined, call.int('N', 0) || undefined];
  const rows = dims?.slice(0, -1);
  const m = rows?.reduce<number | undefined>(
    (all, dim) => (all === undefined || dim === undefined ? undefined : all * dim),
    1,
  );
  call.product({ m, k, n }, [call.inputs[0]]);
  return [call.value(call.inputs[0]?.type, rows && [...rows, n])];
};

const dynamicMatMul: Operator = (call) => [matMul(call, { a: 0, b: 1, type: 'f32' })];

/** The sum of the input and what skips the layer, normalized; the sum itself is the last output. */
const skipNormalization: Operator = (call) => {
  const statistics = call.value(
    'f32',
    call.dims(0)?.map((dim, axis, all) => (axis === all.length - 1 ? 1 : dim)),
  );
  return [like(call), statistics, statistics, like(call)];
};

const embedNormalization: Operator = (call) => {
  const dims = call.dims(0);
  const hidden = call.dims(2)?.[1];
  return [
    call.value(call.inputs[2]?.type, dims && [...dims, hidden]),
    call.value('i32', [dims?.[0]]),
    call.value(call.inputs[2]?.type, dims && [...dims, hidden]),
  ];
};

const SAME = ['BiasGelu', 'FastGelu', 'QuickGelu', 'Gelu', 'RotaryEmbedding', 'BiasSoftmax', 'BiasAdd'];

export const MICROSOFT: Record<string, Operator> = {
  ...Object.fromEntries(SAME.map((op) => [op, (call: Call) => [like(call)]])),
  ...MICROSOFT_ATTENTION,
  FusedMatMul: fusedMatMul,
  FusedGemm: gemm,
  FusedConv: WINDOWS.Conv,
  MatMulNBits: matMulNBits,
  DynamicQuantizeMatMul: dynamicMatMul,
  MatMulIntegerToFloat: dynamicMatMul,
  SkipLayerNormalization: skipNormalization,
  SkipSimplifiedLayerNormalization: skipNormalization,
  SimplifiedLayerNormalization: ELEMENTWISE.LayerNormalization,
  LayerNormalization: ELEMENTWISE.LayerNormalization,
  EmbedLayerNormalization: embedNormalization,
  DequantizeLinear: ELEMENTWISE.DequantizeLinear,
  QuantizeLinear: ELEMENTWISE.QuantizeLinear,
};
