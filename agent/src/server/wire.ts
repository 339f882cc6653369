import { loadAgentProto } from '@alphatensor-edge/proto';
import protobuf from 'protobufjs';

const { Reader, types } = protobuf;

/**
 * Bounds the recursion levels that are decoded. What a request may have is checked after it is decoded, with a sentence
 * for the caller; this bounds the memory before that. An empty level takes two bytes on the wire and about 400 decoded,
 * so one message of the largest size would take 0.4 GB and half a second. Nothing else in the contract grows as much.
 */
const MAX_DECODED_LEVELS = 1000;

/** Lists varint, 64 bits, length-delimited and 32 bits. The contract has no groups. */
const WIRE_TYPES: ReadonlySet<number> = new Set([0, 1, 2, 5]);

/** Holds what is needed of a field's descriptor (google/protobuf/descriptor.proto). */
interface FieldDescriptor {
  readonly name: string;
  readonly number: number;
  readonly type: string;
}

type Service = ReturnType<typeof loadAgentProto>['BenchmarkAgent']['service'];

/**
 * Makes the contract's service. A request with more factorizations than any caller means, which would take far more memory, does not
 * decode.
 */
export function guardedService(): Service {
  const { service } = loadAgentProto().BenchmarkAgent;
  return {
    ...service,
    Benchmark: guarded(service.Benchmark, 'levels'),
    Plan: guarded(service.Plan, 'factorizations'),
  };
}

/** Bounds how often a field is at the top of a method's requests. */
function guarded<Request, Method extends { requestDeserialize: (bytes: Buffer) => Request; requestType?: object }>(
  method: Method,
  bounded: string,
): Method {
  const { type } = method.requestType as unknown as { type: { field: FieldDescriptor[] } };
  const wireTypes = new Map(type.field.map(({ number, type: kind }) => [number, wireTypeOf(kind)]));
  const field = type.field.find(({ name }) => name === bounded)!.number;
  return {
    ...method,
    requestDeserialize: (bytes: Buffer) => {
      let count = 0;
      for (const number of topFields(bytes, wireTypes)) {
        if (number === field && ++count > MAX_DECODED_LEVELS) throw new RangeError(`There are too many ${bounded}.`);
      }
      return method.requestDeserialize(bytes);
    },
  };
}

/**
 * Lists the numbers of the fields at the top of an encoded message, in order, without decoding them
 * (protobuf.dev/programming-guides/encoding). It uses the decoder's own reader, so that both see the same fields. The
 * decoder reads a known field as the contract says, whatever wire type the message gives, so a field with another wire
 * type is refused here.
 * @param wireTypes the contract's wire type of each field number
 * @throws RangeError if the message is cut off or malformed
 */
export function* topFields(bytes: Uint8Array, wireTypes: ReadonlyMap<number, number>): Generator<number> {
  const reader = Reader.create(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const [number, wireType] = [tag >>> 3, tag & 7];
    if (!WIRE_TYPES.has(wireType)) throw new RangeError(`There is no wire type ${wireType}.`);
    if ((wireTypes.get(number) ?? wireType) !== wireType)
      throw new RangeError(`Field ${number} has another wire type.`);
    yield number;
    reader.skipType(wireType);
  }
}

/** Gives the wire type of a field that is not packed. An enumeration is a varint, as whole numbers are. */
function wireTypeOf(type: string): number {
  if (type === 'TYPE_MESSAGE') return types.basic.bytes;
  const known = Object.entries(types.basic).find(([name]) => type === `TYPE_${name.toUpperCase()}`);
  return known?.[1] ?? types.basic.int32;
}
