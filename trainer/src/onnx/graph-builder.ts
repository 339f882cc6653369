import { type AttributeFields, ElementType, encodeModel, type NodeFields, type TensorFields } from './messages.js';

/** Holds a value of a graph: its name and the lengths of its axes. -1 stands for the batch, or a multiple of it. */
export interface GraphValue {
  readonly name: string;
  readonly shape: readonly number[];
}

/** An attribute of a node: a whole number, a list of them, or a real number in an object. */
type Attribute = number | readonly number[] | { readonly real: number };

/** The version of ONNX's operators that graphs are written in, and the version of the file format that it came with. */
const OPSET = 17;
const IR_VERSION = 8;

/** Builds an ONNX graph node by node. Each value is named by a running number, so that equal calls give equal bytes. */
export class GraphBuilder {
  readonly #inputs: { readonly value: GraphValue; readonly type: number }[] = [];
  readonly #outputs: { readonly value: GraphValue; readonly type: number }[] = [];
  readonly #initializers = new Map<string, TensorFields>();
  readonly #nodes: NodeFields[] = [];
  /** The results of each node, by what it computes. */
  readonly #known = new Map<string, GraphValue[]>();

  /** Adds an input. An axis of length -1 may have any length. */
  input(name: string, shape: readonly number[], type: number = ElementType.Float): GraphValue {
    const value = { name, shape };
    this.#inputs.push({ value, type });
    return value;
  }

  /** Adds numbers that belong to the graph, once under each name. */
  initializer(name: string, values: ArrayBufferView, shape: readonly number[], type: number): GraphValue {
    if (!this.#initializers.has(name)) {
      const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      this.#initializers.set(name, { name, dims: shape, dataType: type, rawData });
    }
    return { name, shape };
  }

  /** Adds real numbers that belong to the graph. */
  floats(name: string, values: Float32Array, shape: readonly number[]): GraphValue {
    return this.initializer(name, values, shape, ElementType.Float);
  }

  /** Adds a list of whole numbers, for example a shape. Equal lists are one. */
  integers(values: readonly number[]): GraphValue {
    const list = BigInt64Array.from(values, BigInt);
    return this.initializer(`[${values}]`, list, [values.length], ElementType.Int64);
  }

  /** Adds a node with one result, whose shape the caller knows. Nodes that compute the same are one. */
  node(
    opType: string,
    inputs: readonly GraphValue[],
    shape: readonly number[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): GraphValue {
    return this.nodes(opType, inputs, [shape], attributes)[0];
  }

  /** Adds a node with several results. */
  nodes(
    opType: string,
    inputs: readonly GraphValue[],
    shapes: readonly (readonly number[])[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): GraphValue[] {
    const key = JSON.stringify([opType, inputs.map(({ name }) => name), attributes]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const results = shapes.map((shape, index) => ({ name: `${this.#nodes.length}:${index}`, shape }));
    this.#nodes.push({
      opType,
      input: inputs.map(({ name }) => name),
      output: results.map(({ name }) => name),
      attribute: Object.entries(attributes).map(([name, value]) => attributeOf(name, value)),
    });
    this.#known.set(key, results);
    return results;
  }

  /** Makes a value an output of the graph, under a name of its own. */
  output(name: string, { name: source, shape }: GraphValue, type: number = ElementType.Float): void {
    this.#nodes.push({ opType: 'Identity', input: [source], output: [name], attribute: [] });
    this.#outputs.push({ value: { name, shape }, type });
  }

  /** Gives the bytes of the model. */
  model(): Uint8Array {
    return encodeModel({
      irVersion: IR_VERSION,
      producerName: 'AlphaTensor Edge',
      opsetImport: [{ domain: '', version: OPSET }],
      graph: {
        name: 'graph',
        node: this.#nodes,
        initializer: [...this.#initializers.values()],
        input: this.#inputs.map(valueInfo),
        output: this.#outputs.map(valueInfo),
      },
    });
  }
}

function valueInfo({ value: { name, shape }, type }: { readonly value: GraphValue; readonly type: number }) {
  const dim = shape.map((length) => (length === -1 ? { dimParam: `${name}/batch` } : { dimValue: length }));
  return { name, type: { tensorType: { elemType: type, shape: { dim } } } };
}

function attributeOf(name: string, value: Attribute): AttributeFields {
  // The numbers of AttributeProto.AttributeType.
  if (typeof value === 'number') return { name, type: 2, i: value };
  return 'real' in value ? { name, type: 1, f: value.real } : { name, type: 7, ints: value };
}
