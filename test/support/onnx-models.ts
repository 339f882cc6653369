import type {
  Attribute,
  DeclaredDimension,
  DeclaredValue,
  Graph,
  Model,
  ModelFunction,
  Node,
  Tensor,
} from '../../trainer/src/shapes/model.js';

// Small ONNX models for tests, as they are after reading.

type AttributeValue = number | string | readonly number[] | Graph | { readonly tensor: Tensor };

const NOTHING: Attribute = {
  ...{ int: 0, float: 0, ints: [], floats: [], text: '', tensor: undefined, graph: undefined, reference: '' },
};

function attribute(value: AttributeValue): Attribute {
  if (typeof value === 'number') return { ...NOTHING, int: value, float: value };
  if (typeof value === 'string') return { ...NOTHING, text: value };
  if ('tensor' in value) return { ...NOTHING, tensor: value.tensor };
  if ('nodes' in value) return { ...NOTHING, graph: value };
  return { ...NOTHING, ints: value, floats: value };
}

/** Makes a node: `node('MatMul', 'a b', 'c')`; `com.microsoft.FusedGemm` has a domain. It is named after its first output. */
export function node(
  op: string,
  inputs: string,
  outputs: string,
  attributes: Record<string, AttributeValue> = {},
): Node {
  const at = op.lastIndexOf('.');
  const names = outputs.split(' ');
  return {
    ...{ name: names[0], op: op.slice(at + 1), domain: at < 0 ? '' : op.slice(0, at) },
    inputs: inputs === '' ? [] : inputs.split(' ').map((name) => (name === '_' ? '' : name)),
    outputs: names,
    attributes: new Map(Object.entries(attributes).map(([name, value]) => [name, attribute(value)])),
  };
}

/** Makes an attribute inside a function that takes its value from the caller's. */
export function reference(name: string): Attribute {
  return { ...NOTHING, reference: name };
}

export function declared(name: string, dims?: readonly DeclaredDimension[]): DeclaredValue {
  return { name, type: 'f32', dims };
}

export function weights(name: string, ...dims: number[]): Tensor {
  return { name, type: 'f32', dims, data: undefined };
}

/** Makes a list of whole numbers. */
export function list(name: string, ...data: number[]): Tensor {
  return { name, type: 'i64', dims: [data.length], data };
}

export function scalar(name: string, value: number): Tensor {
  return { name, type: 'i64', dims: [], data: [value] };
}

export function graph(parts: Partial<Graph> & Pick<Graph, 'nodes'>): Graph {
  return { initializers: [], inputs: [], outputs: [], declared: [], ...parts };
}

export function model(
  parts: Partial<Graph> & Pick<Graph, 'nodes'>,
  functions: Record<string, ModelFunction> = {},
): Model {
  return {
    producer: 'test',
    opsets: new Map([['', 18]]),
    graph: graph(parts),
    functions: new Map(Object.entries(functions)),
  };
}
