import { AlphaTensorError } from '@alphatensor-edge/shared';
import protobuf from 'protobufjs';

/**
 * Describes the part of ONNX's messages that graphs are read and written with, after onnx/onnx.proto of ONNX 1.23
 * (https://github.com/onnx/onnx, Apache-2.0). Documentation strings, metadata, training, device placement and the values of strings are
 * left out.
 */
const MODEL = protobuf
  .parse(`
    syntax = "proto2";
    message ModelProto {
      optional int64 ir_version = 1;
      optional string producer_name = 2;
      optional GraphProto graph = 7;
      repeated OperatorSetIdProto opset_import = 8;
      repeated FunctionProto functions = 25;
    }
    message OperatorSetIdProto { optional string domain = 1; optional int64 version = 2; }
    message GraphProto {
      repeated NodeProto node = 1;
      optional string name = 2;
      repeated TensorProto initializer = 5;
      repeated ValueInfoProto input = 11;
      repeated ValueInfoProto output = 12;
      repeated ValueInfoProto value_info = 13;
      repeated SparseTensorProto sparse_initializer = 15;
    }
    message FunctionProto {
      optional string name = 1;
      repeated string input = 4;
      repeated string output = 5;
      repeated NodeProto node = 7;
      repeated OperatorSetIdProto opset_import = 9;
      optional string domain = 10;
      repeated AttributeProto attribute_proto = 11;
      repeated ValueInfoProto value_info = 12;
    }
    message NodeProto {
      repeated string input = 1;
      repeated string output = 2;
      optional string name = 3;
      optional string op_type = 4;
      repeated AttributeProto attribute = 5;
      optional string domain = 7;
    }
    message AttributeProto {
      optional string name = 1;
      optional float f = 2;
      optional int64 i = 3;
      optional bytes s = 4;
      optional TensorProto t = 5;
      optional GraphProto g = 6;
      repeated float floats = 7;
      repeated int64 ints = 8;
      optional int32 type = 20;
      optional string ref_attr_name = 21;
    }
    message ValueInfoProto { optional string name = 1; optional TypeProto type = 2; }
    message TypeProto {
      message Tensor { optional int32 elem_type = 1; optional TensorShapeProto shape = 2; }
      optional Tensor tensor_type = 1;
    }
    message TensorShapeProto {
      message Dimension { oneof value { int64 dim_value = 1; string dim_param = 2; } }
      repeated Dimension dim = 1;
    }
    message SparseTensorProto { optional TensorProto values = 1; repeated int64 dims = 3; }
    message TensorProto {
      repeated int64 dims = 1;
      optional int32 data_type = 2;
      repeated float float_data = 4;
      repeated int32 int32_data = 5;
      repeated int64 int64_data = 7;
      optional string name = 8;
      optional bytes raw_data = 9;
      repeated double double_data = 10;
    }`)
  .root.lookupType('ModelProto');

/** A 64-bit integer as protobufjs gives it: an object that writes itself in decimal, or a number. */
export type Int64 = number | { toString(): string };

export interface ModelMessage {
  readonly irVersion?: Int64;
  readonly producerName?: string;
  readonly graph?: GraphMessage;
  readonly opsetImport: readonly OpsetMessage[];
  readonly functions: readonly FunctionMessage[];
}

export interface OpsetMessage {
  readonly domain?: string;
  readonly version?: Int64;
}

export interface GraphMessage {
  readonly node: readonly NodeMessage[];
  readonly initializer: readonly TensorMessage[];
  readonly input: readonly ValueInfoMessage[];
  readonly output: readonly ValueInfoMessage[];
  readonly valueInfo: readonly ValueInfoMessage[];
  readonly sparseInitializer: readonly { readonly values?: TensorMessage; readonly dims: readonly Int64[] }[];
}

export interface FunctionMessage {
  readonly name: string;
  readonly domain: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly node: readonly NodeMessage[];
  readonly opsetImport: readonly OpsetMessage[];
  readonly attributeProto: readonly AttributeMessage[];
  readonly valueInfo: readonly ValueInfoMessage[];
}

export interface NodeMessage {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name: string;
  readonly opType: string;
  readonly attribute: readonly AttributeMessage[];
  readonly domain: string;
}

export interface AttributeMessage {
  readonly name: string;
  readonly f: number;
  readonly i: Int64;
  readonly s: Uint8Array;
  readonly t?: TensorMessage | null;
  readonly g?: GraphMessage | null;
  readonly floats: readonly number[];
  readonly ints: readonly Int64[];
  readonly refAttrName: string;
}

export interface ValueInfoMessage {
  readonly name: string;
  readonly type?: {
    readonly tensorType?: {
      readonly elemType: number;
      readonly shape?: {
        readonly dim: readonly {
          readonly value?: 'dimValue' | 'dimParam';
          readonly dimValue: Int64;
          readonly dimParam: string;
        }[];
      } | null;
    } | null;
  } | null;
}

export interface TensorMessage {
  readonly dims: readonly Int64[];
  readonly dataType: number;
  readonly name: string;
  /** These hold what was not left out as too large (MOST_DATA_BYTES). */
  readonly floatData: readonly number[];
  readonly int32Data: readonly number[];
  readonly int64Data: readonly Int64[];
  readonly doubleData: readonly number[];
  readonly rawData: Uint8Array;
}

/** Names the types of a tensor's elements that graphs are written with, as TensorProto.DataType numbers them. */
export const ElementType = { Float: 1, Int8: 3, Int32: 6, Int64: 7, Bool: 9 } as const;

/** Holds the fields of a tensor that is written. */
export interface TensorFields {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: number;
  /** Little-endian. */
  readonly rawData: Uint8Array;
}

/** Holds the fields of an attribute that is written; `type` is the number of AttributeProto.AttributeType. */
export interface AttributeFields {
  readonly name: string;
  readonly type: number;
  readonly f?: number;
  readonly i?: number;
  readonly ints?: readonly number[];
}

/** Holds the fields of a node that is written. */
export interface NodeFields {
  readonly opType: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly AttributeFields[];
}

interface ValueInfoFields {
  readonly name: string;
  readonly type: {
    readonly tensorType: {
      readonly elemType: number;
      readonly shape: { readonly dim: readonly ({ readonly dimValue: number } | { readonly dimParam: string })[] };
    };
  };
}

/** Holds the fields of a model that is written. */
interface ModelFields {
  readonly irVersion: number;
  readonly producerName: string;
  readonly opsetImport: readonly { readonly domain: string; readonly version: number }[];
  readonly graph: {
    readonly name: string;
    readonly node: readonly NodeFields[];
    readonly initializer: readonly TensorFields[];
    readonly input: readonly ValueInfoFields[];
    readonly output: readonly ValueInfoFields[];
  };
}

/** Gives the bytes of a model. */
export function encodeModel(model: ModelFields): Uint8Array {
  return MODEL.encode(MODEL.fromObject(model)).finish();
}

/** The largest field of values that is kept, in bytes. Shapes, axes and scales are smaller; larger are weights, which are never read. */
const MOST_DATA_BYTES = 32_768;
/** Fields of TensorProto that hold values. */
const DATA_FIELDS = new Set([4, 5, 7, 9, 10]);
const LENGTH_DELIMITED = 2;

skipLargeData(MODEL.root.lookupType('TensorProto'));

/** Makes the decoder pass over the values of large tensors. Otherwise they would become arrays of several times their size. */
function skipLargeData(tensor: protobuf.Type): void {
  tensor.setup();
  const decode = tensor.decode.bind(tensor);
  tensor.decode = (reader, length) => {
    if (!(reader instanceof protobuf.Reader)) return decode(reader, length);
    const end = length === undefined ? reader.len : reader.pos + length;
    const kept: Uint8Array[] = [];
    while (reader.pos < end) {
      const start = reader.pos;
      const tag = reader.uint32();
      reader.skipType(tag & 7);
      const isValues = DATA_FIELDS.has(tag >>> 3) && (tag & 7) === LENGTH_DELIMITED;
      if (!isValues || reader.pos - start <= MOST_DATA_BYTES) kept.push(reader.buf.subarray(start, reader.pos));
    }
    if (reader.pos !== end) throw new RangeError('a tensor ends beyond its length');
    return decode(Buffer.concat(kept));
  };
}

/**
 * Reads a model's bytes. Weights are passed over.
 * @param name for the error
 * @throws AlphaTensorError UNSUPPORTED_FORMAT if they are no model, or only a part of one
 */
export function decodeModel(bytes: Uint8Array, name: string): ModelMessage & { readonly graph: GraphMessage } {
  const message = decode(bytes, name);
  const { graph } = message;
  if (!graph || message.irVersion === undefined) throw notAModel(bytes, name);
  return { ...message, graph };
}

function decode(bytes: Uint8Array, name: string): ModelMessage {
  try {
    const message = MODEL.decode(bytes) as unknown as ModelMessage;
    const { irVersion, producerName, graph, opsetImport, functions } = message;
    // Fields that are absent are inherited from the prototype.
    const has = (field: string): boolean => Object.hasOwn(message, field);
    return {
      ...{ opsetImport, functions },
      ...(has('irVersion') && irVersion !== undefined ? { irVersion } : {}),
      ...(has('producerName') && producerName !== undefined ? { producerName } : {}),
      ...(has('graph') && graph ? { graph } : {}),
    };
  } catch (cause) {
    throw notAModel(bytes, name, cause);
  }
}

/** The first byte of a file that begins with the field ir_version, as all writers begin. */
const IR_VERSION_TAG = 0x08;

function notAModel(bytes: Uint8Array, name: string, cause?: unknown): AlphaTensorError {
  const start = Buffer.from(bytes.subarray(0, 40)).toString('latin1');
  const why = start.startsWith('version https://git-lfs')
    ? 'is the pointer that Git LFS puts in place of the model; fetch the model with git lfs pull'
    : bytes.length === 0
      ? 'is empty; fetch the model again'
      : bytes[0] === IR_VERSION_TAG
        ? 'begins like an ONNX model but is cut off or damaged; fetch or export it again'
        : 'is not an ONNX model; give a .onnx file, as torch.onnx.export or tf2onnx write it';
  return new AlphaTensorError('UNSUPPORTED_FORMAT', `"${name}" ${why}.`, { field: 'model', cause });
}
