import type { Call, Operator } from '../call.js';
import type { ElementType } from '../element-type.js';
import { axisOf, type Dimension } from '../value.js';

/** Reductions, with what they make of a list whose numbers are followed. */
const REDUCED: Record<string, ((list: readonly number[]) => number) | undefined> = {
  ReduceL1: undefined,
  ReduceL2: undefined,
  ReduceLogSum: undefined,
  ReduceLogSumExp: undefined,
  ReduceMean: undefined,
  ReduceSumSquare: undefined,
  ReduceMax: (list) => Math.max(...list),
  ReduceMin: (list) => Math.min(...list),
  ReduceProd: (list) => list.reduce((result, one) => result * one, 1),
  ReduceSum: (list) => list.reduce((result, one) => result + one, 0),
};

function reduce(call: Call, fold: ((list: readonly number[]) => number) | undefined) {
  const input = call.inputs[0];
  const { dims } = input ?? {};
  const axes = call.listOf('axes', 1);
  if (dims === undefined) return [call.unknown(input?.type)];
  const keeps = call.int('keepdims', 1) !== 0;
  // Which axes go is unknown, so only their number is known, and that if they stay.
  if (axes === 'unknown')
    return [
      keeps
        ? call.value(
            input?.type,
            dims.map(() => undefined),
          )
        : call.unknown(input?.type),
    ];
  const isNothing = axes === undefined && call.int('noop_with_empty_axes', 0) !== 0;
  if (isNothing) return [call.value(input?.type, dims, input?.data)];
  const gone = new Set(axes?.map((axis) => axisOf(axis, dims.length)) ?? dims.keys());
  const numbers = dims.length <= 1 ? call.numbers(0) : undefined;
  const data = fold && numbers && gone.size === dims.length && numbers.length > 0 ? [fold(numbers)] : undefined;
  return [call.value(input?.type, withoutAxes(dims, gone, keeps), data)];
}

function withoutAxes(dims: readonly Dimension[], gone: ReadonlySet<number>, keeps: boolean): Dimension[] {
  return dims.flatMap((dim, axis) => (gone.has(axis) ? (keeps ? [1] : []) : [dim]));
}

const argReduce: Operator = (call) => {
  const dims = call.dims(0);
  const at = dims && axisOf(call.int('axis', 0), dims.length);
  return [call.value('i64', dims && withoutAxes(dims, new Set([at as number]), call.int('keepdims', 1) !== 0))];
};

const topK: Operator = (call) => {
  const dims = call.dims(0);
  const k = call.attribute('k') ? call.int('k', 1) : call.numbers(1)?.[0];
  const at = dims && axisOf(call.int('axis', -1), dims.length);
  const result = dims?.map((dim, axis) => (axis === at ? k : dim));
  const types: (ElementType | undefined)[] = [call.inputs[0]?.type, 'i64'];
  return types.map((type) => call.value(type, result));
};

export const REDUCTIONS: Record<string, Operator> = {
  ...Object.fromEntries(Object.entries(REDUCED).map(([op, fold]) => [op, (call: Call) => reduce(call, fold)])),
  ArgMax: argReduce,
  ArgMin: argReduce,
  TopK: topK,
};
