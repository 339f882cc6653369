import { loadAgentProto } from '@alphatensor-edge/proto';

/**
 * Recursion levels that are decoded at all. What a request may have is checked after it is decoded, with a sentence for
 * the caller; this bounds the memory before that. An empty level takes two bytes on the wire and some 400 decoded, so that
 * one message of the largest size would take 0.4 GB and half a second. Nothing else in the contract grows so.
 */
const MAX_DECODED_LEVELS = 1000;

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/** What is needed of a field's descriptor (google/protobuf/descriptor.proto). */
interface FieldDescriptor {
  readonly name: string;
  readonly number: number;
  readonly type: string;
}

type Service = ReturnType<typeof loadAgentProto>['BenchmarkAgent']['service'];

/** The contract's service; a Benchmark request that would take far more memory than any caller means does not decode. */
export function guardedService(): Service {
  const { service } = loadAgentProto().BenchmarkAgent;
  const { Benchmark } = service;
  const { field } = Benchmark.requestType!.type as { field: FieldDescriptor[] };
  const wireTypes = new Map(field.map(({ number, type }) => [number, wireTypeOf(type)]));
  const levels = field.find(({ name }) => name === 'levels')!.number;
  return {
    ...service,
    Benchmark: {
      ...Benchmark,
      requestDeserialize: (bytes: Buffer) => {
        let count = 0;
        for (const number of topFields(bytes, wireTypes)) {
          if (number === levels && ++count > MAX_DECODED_LEVELS) throw new RangeError('There are too many levels.');
        }
        return Benchmark.requestDeserialize(bytes);
      },
    },
  };
}

/**
 * The numbers of the fields at the top of an encoded message, in order, without decoding them
 * (protobuf.dev/programming-guides/encoding). The decoder takes a known field for what the contract says, whatever the
 * message calls it; so that both read the same, a field of another wire type than the contract's is refused here.
 * @param wireTypes the contract's wire type of each field number
 * @throws RangeError where the message is cut off or malformed
 */
export function* topFields(bytes: Uint8Array, wireTypes: ReadonlyMap<number, number>): Generator<number> {
  for (let at = 0; at < bytes.length; ) {
    const tag = readVarint(bytes, at);
    const [number, wireType] = [tag.value >>> 3, tag.value & 7];
    if ((wireTypes.get(number) ?? wireType) !== wireType)
      throw new RangeError(`Field ${number} has another wire type.`);
    yield number;
    at = contentEnd(bytes, tag.end, wireType);
  }
}

function contentEnd(bytes: Uint8Array, at: number, wireType: number): number {
  switch (wireType) {
    case VARINT:
      return readVarint(bytes, at).end;
    case FIXED64:
      return at + 8;
    case LENGTH_DELIMITED: {
      const length = readVarint(bytes, at);
      return length.end + length.value;
    }
    case FIXED32:
      return at + 4;
    default:
      throw new RangeError(`There is no wire type ${wireType}.`);
  }
}

/** The low 32 bits of a varint, and the place after it. */
function readVarint(bytes: Uint8Array, at: number): { value: number; end: number } {
  let value = 0;
  for (let i = 0; i < 10 && at + i < bytes.length; i++) {
    const byte = bytes[at + i];
    if (i < 5) value |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) return { value: value >>> 0, end: at + i + 1 };
  }
  throw new RangeError('A number does not end.');
}

/** How a field that is not packed is written. */
function wireTypeOf(type: string): number {
  switch (type) {
    case 'TYPE_DOUBLE':
    case 'TYPE_FIXED64':
    case 'TYPE_SFIXED64':
      return FIXED64;
    case 'TYPE_FLOAT':
    case 'TYPE_FIXED32':
    case 'TYPE_SFIXED32':
      return FIXED32;
    case 'TYPE_STRING':
    case 'TYPE_BYTES':
    case 'TYPE_MESSAGE':
      return LENGTH_DELIMITED;
    default:
      return VARINT;
  }
}
