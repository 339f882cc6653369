import type {
  AttributeMessage,
  FunctionMessage,
  GraphMessage,
  Int64,
  ModelMessage,
  NodeMessage,
  OpsetMessage,
  TensorMessage,
  ValueInfoMessage,
} from '../onnx/messages.js';
import { type ElementType, elementType } from './element-type.js';

/** Holds what a model says about shapes: no weights, no words for people. */
export interface Model {
  readonly producer: string;
  /** Version of the operators for each domain; ONNX's own is ''. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly graph: Graph;
  /** By functionKey. */
  readonly functions: ReadonlyMap<string, ModelFunction>;
}

export interface Graph {
  readonly nodes: readonly Node[];
  readonly initializers: readonly Tensor[];
  readonly inputs: readonly DeclaredValue[];
  readonly outputs: readonly DeclaredValue[];
  /** What the file says of values in between. */
  readonly declared: readonly DeclaredValue[];
}

/** An operator that the model defines by others. */
export interface ModelFunction {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly Node[];
  readonly declared: readonly DeclaredValue[];
  readonly opsets: ReadonlyMap<string, number>;
  /** Attributes that have a value where a caller gives none. */
  readonly defaults: ReadonlyMap<string, Attribute>;
}

export interface Node {
  readonly name: string;
  readonly op: string;
  /** '' for ONNX's own. */
  readonly domain: string;
  /** '' stands for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

export interface Attribute {
  readonly int: number;
  readonly float: number;
  readonly ints: readonly number[];
  readonly floats: readonly number[];
  readonly text: string;
  readonly tensor: Tensor | undefined;
  readonly graph: Graph | undefined;
  /** Inside a function: the caller's attribute that this one takes its value from; '' elsewhere. */
  readonly reference: string;
}

/** A dimension as a file has it: a size, a name, or nothing. */
export type DeclaredDimension = number | string | undefined;

export interface DeclaredValue {
  readonly name: string;
  readonly type: ElementType | undefined;
  /** Undefined: not even their number is known. */
  readonly dims: readonly DeclaredDimension[] | undefined;
}

export interface Tensor {
  readonly name: string;
  readonly type: ElementType | undefined;
  readonly dims: readonly number[];
  /** In row-major order; undefined: too many, kept in another file, or not numbers. */
  readonly data: readonly number[] | undefined;
}

/** Makes a model of its message. */
export function modelOf(message: ModelMessage & { readonly graph: GraphMessage }): Model {
  return {
    producer: message.producerName ?? '',
    opsets: opsetsOf(message.opsetImport),
    graph: graphOf(message.graph),
    functions: new Map(message.functions.map((one) => [functionKey(one.domain, one.name), functionOf(one)])),
  };
}

/** Names an operator with its domain, as a function of the model may define it. */
export function functionKey(domain: string, name: string): string {
  return `${plainDomain(domain)}:${name}`;
}

function plainDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

function opsetsOf(opsets: readonly OpsetMessage[]): Map<string, number> {
  return new Map(opsets.map(({ domain, version }) => [plainDomain(domain ?? ''), numberOf(version ?? 0)]));
}

function graphOf(message: GraphMessage): Graph {
  const sparse = message.sparseInitializer.flatMap(({ values, dims }) =>
    values ? [{ ...tensorOf(values), dims: dims.map(numberOf), data: undefined }] : [],
  );
  return {
    nodes: message.node.map(nodeOf),
    initializers: [...message.initializer.map(tensorOf), ...sparse],
    inputs: message.input.map(declaredOf),
    outputs: message.output.map(declaredOf),
    declared: message.valueInfo.map(declaredOf),
  };
}

function functionOf(message: FunctionMessage): ModelFunction {
  return {
    name: message.name,
    inputs: message.input,
    outputs: message.output,
    nodes: message.node.map(nodeOf),
    declared: message.valueInfo.map(declaredOf),
    opsets: opsetsOf(message.opsetImport),
    defaults: attributesOf(message.attributeProto),
  };
}

function nodeOf({ name, opType, domain, input, output, attribute }: NodeMessage): Node {
  return {
    ...{ name, op: opType, domain: plainDomain(domain), inputs: input, outputs: output },
    attributes: attributesOf(attribute),
  };
}

function attributesOf(attributes: readonly AttributeMessage[]): Map<string, Attribute> {
  return new Map(attributes.map((one) => [one.name, attributeOf(one)]));
}

function attributeOf({ f, i, s, t, g, floats, ints, refAttrName }: AttributeMessage): Attribute {
  return {
    int: numberOf(i),
    float: f,
    ints: ints.map(numberOf),
    floats,
    text: Buffer.from(s).toString('utf8'),
    tensor: t ? tensorOf(t) : undefined,
    graph: g ? graphOf(g) : undefined,
    reference: refAttrName,
  };
}

function declaredOf({ name, type }: ValueInfoMessage): DeclaredValue {
  const tensor = type?.tensorType;
  const dims = tensor?.shape?.dim.map((dim): DeclaredDimension => {
    if (dim.value === 'dimParam') return dim.dimParam === '' ? undefined : dim.dimParam;
    const size = dim.value === 'dimValue' ? numberOf(dim.dimValue) : -1;
    // Some exporters write -1 where they know nothing.
    return size < 0 ? undefined : size;
  });
  return { name, type: tensor ? elementType(tensor.elemType) : undefined, dims };
}

function tensorOf(message: TensorMessage): Tensor {
  const type = elementType(message.dataType);
  const dims = message.dims.map(numberOf);
  const data = dataOf(message, type);
  const count = dims.reduce((product, dim) => product * dim, 1);
  return { name: message.name, type, dims, data: data?.length === count ? data : undefined };
}

function dataOf(message: TensorMessage, type: ElementType | undefined): readonly number[] | undefined {
  const { rawData, int64Data, int32Data, floatData, doubleData } = message;
  if (rawData.length > 0) return rawValues(rawData, type);
  if (type === 'i64') return int64Data.map(numberOf);
  if (type === 'f32') return floatData;
  if (type === 'f64') return doubleData;
  return type === 'i32' || type === 'i8' || type === 'u8' || type === 'bool' ? int32Data : undefined;
}

/** Bytes of a number, and how it is read, little-endian. Formats that never hold shapes, axes or scales are left out. */
const RAW: Partial<Record<ElementType, readonly [size: number, read: (view: DataView, at: number) => number]>> = {
  i64: [8, (view, at) => Number(view.getBigInt64(at, true))],
  i32: [4, (view, at) => view.getInt32(at, true)],
  f32: [4, (view, at) => view.getFloat32(at, true)],
  f64: [8, (view, at) => view.getFloat64(at, true)],
  i8: [1, (view, at) => view.getInt8(at)],
  u8: [1, (view, at) => view.getUint8(at)],
  bool: [1, (view, at) => view.getUint8(at)],
};

function rawValues(bytes: Uint8Array, type: ElementType | undefined): number[] | undefined {
  const format = type && RAW[type];
  if (format === undefined) return undefined;
  const [size, read] = format;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / size) }, (_, index) => read(view, index * size));
}

function numberOf(value: Int64): number {
  return typeof value === 'number' ? value : Number(value.toString());
}
