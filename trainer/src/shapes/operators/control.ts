import type { Call, Operator } from '../call.js';
import type { Graph } from '../model.js';
import { axisOf, type Dimension, type Value } from '../value.js';

// Operators with a body: a graph that is run once, never, or many times.

const conditional: Operator = (call) => {
  const [yes, no] = [call.attribute('then_branch')?.graph, call.attribute('else_branch')?.graph];
  const condition = call.numbers(0)?.[0];
  const taken = condition === undefined ? [yes, no] : [condition === 0 ? no : yes];
  const branches = taken.filter((graph) => graph !== undefined);
  const results = call.around.inferBranches(branches);
  if (results.length === 0) return [];
  if (results.length === 1) return results[0];
  return results[0].map((value, index) => common(call, value, results[1][index]));
};

/** Keeps what two values have in common. */
function common(call: Call, a: Value, b: Value | undefined): Value {
  const type = a.type === b?.type ? a.type : undefined;
  if (a.dims === undefined || b?.dims === undefined || a.dims.length !== b.dims.length) return call.unknown(type);
  return call.value(
    type,
    a.dims.map((dim, axis) => (dim === b.dims?.[axis] ? dim : undefined)),
  );
}

/** Inputs: most turns, condition, carried values. The body gets turn and condition first, and gives the condition, carried values and rows. */
const loop: Operator = (call) => {
  const body = call.attribute('body')?.graph;
  if (body === undefined) return [];
  const turns = call.has(0) ? call.numbers(0)?.[0] : undefined;
  if (turns === undefined)
    call.around.onNote(`Loop "${call.layer}" turns as often as data says; its body counts once.`);
  const carried = call.inputs.slice(2).map((value) => withoutData(value, call));
  const fixed = [{ type: 'i64', dims: [] } as const, { type: 'bool', dims: [] } as const];
  const results = settle(call, body, fixed, carried, turns ?? 1);
  const states = results.slice(1, 1 + carried.length);
  const rows = results.slice(1 + carried.length).map(({ type, dims }) => call.value(type, dims && [turns, ...dims]));
  return [...states, ...rows];
};

/** The last `num_scan_inputs` inputs are cut into slices along an axis, one for each turn. */
const scan: Operator = (call) => {
  const body = call.attribute('body')?.graph;
  if (body === undefined || call.opset === 8) return call.node.outputs.map(() => call.unknown());
  const count = call.int('num_scan_inputs', 1);
  const carried = call.inputs.slice(0, -count).map((value) => withoutData(value, call));
  const axes = call.ints('scan_input_axes');
  const sequences = call.inputs.slice(-count);
  const lengths = sequences.map((value, index) => value?.dims?.at(axisOf(axes?.[index] ?? 0, value.dims.length)));
  const turns = lengths.find((length) => length !== undefined);
  const slices = sequences.map((value, index): Value => {
    const at = axisOf(axes?.[index] ?? 0, value?.dims?.length ?? 0);
    return call.value(
      value?.type,
      value?.dims?.filter((_, axis) => axis !== at),
    );
  });
  const results = settle(call, body, [], carried, turns, slices);
  const outputAxes = call.ints('scan_output_axes');
  const rows = results.slice(carried.length).map(({ type, dims }, index) => {
    const at = axisOf(outputAxes?.[index] ?? 0, (dims?.length ?? 0) + 1);
    return call.value(type, dims && [...dims.slice(0, at), turns, ...dims.slice(at)]);
  });
  return [...results.slice(0, carried.length), ...rows];
};

/** Infers a body. Sizes of carried values that a turn changes are unknown, so the body is inferred again with them so. */
function settle(
  call: Call,
  body: Graph,
  before: readonly Value[],
  carried: readonly Value[],
  turns: Dimension,
  after: readonly Value[] = [],
): readonly Value[] {
  const offset = before.length === 0 ? 0 : 1;
  const first = call.around.inferBody(body, [...before, ...carried, ...after], 0);
  const settled = carried.map((value, index) => common(call, value, first[offset + index]));
  return call.around.inferBody(body, [...before, ...settled, ...after], turns);
}

/** A carried value has other numbers at every turn. */
function withoutData(value: Value | undefined, call: Call): Value {
  return value === undefined ? call.unknown() : call.value(value.type, value.dims);
}

export const CONTROL: Record<string, Operator> = { If: conditional, Loop: loop, Scan: scan };
