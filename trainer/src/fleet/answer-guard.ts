import { loadAgentProto } from '@alphatensor-edge/proto';
import { makeClientConstructor } from '@grpc/grpc-js';
import protobuf from 'protobufjs';

const { Reader } = protobuf;

/**
 * Bounds the messages inside one answer of an agent. An empty one takes two bytes on the wire and hundreds decoded, so that
 * an answer of the largest size would take half a gigabyte. The description of a device with all compilers and libraries has
 * a few hundred. Samples are numbers, which hardly grow.
 */
export const MAX_ANSWER_MESSAGES = 10_000;

/** The contract has no groups, which could lie inside each other without end. */
const WIRE_TYPES: ReadonlySet<number> = new Set([0, 1, 2, 5]);
const LENGTH_DELIMITED = 2;

/** Holds what is needed of a message's descriptor (google/protobuf/descriptor.proto). */
interface Descriptor {
  readonly field: readonly { readonly number: number; readonly type: string; readonly typeName: string }[];
  readonly nestedType: readonly (Descriptor & { readonly name: string })[];
}

type AgentProto = ReturnType<typeof loadAgentProto>;

let guarded: AgentProto['BenchmarkAgent'] | undefined;

/**
 * Makes the class of an agent's client. An answer that would take far more memory than any true one does not decode, and its
 * call fails as with any answer that cannot be read (grpc-error.ts).
 */
export function guardedAgent(): AgentProto['BenchmarkAgent'] {
  guarded ??= makeClientConstructor(guardedAnswers(), 'BenchmarkAgent') as unknown as AgentProto['BenchmarkAgent'];
  return guarded;
}

/** Makes the contract's service, whose answers are bounded before they are decoded. */
export function guardedAnswers(): AgentProto['BenchmarkAgent']['service'] {
  const { service } = loadAgentProto().BenchmarkAgent;
  const { Describe, Benchmark, Plan } = service;
  return { ...service, Describe: guard(Describe), Benchmark: guard(Benchmark), Plan: guard(Plan) };
}

function guard<Response, Method extends { responseDeserialize: (bytes: Buffer) => Response; responseType?: object }>(
  method: Method,
): Method {
  const { type } = method.responseType as unknown as { type: Descriptor };
  return {
    ...method,
    responseDeserialize: (bytes: Buffer) => {
      countMessages(bytes, type, 0);
      return method.responseDeserialize(bytes);
    },
  };
}

/**
 * Counts the messages inside an encoded message, at any depth, with the decoder's own reader. The decoder reads a field as the
 * contract says, whatever wire type the message gives, so a message under another wire type is refused here.
 * @param count those that were counted before
 * @throws RangeError if there are too many, or the message is cut off or malformed
 */
function countMessages(bytes: Uint8Array, type: Descriptor, count: number): number {
  const inner = innerTypes(type);
  const reader = Reader.create(bytes);
  let counted = count;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const [number, wireType] = [tag >>> 3, tag & 7];
    const innerType = inner.get(number);
    if (!WIRE_TYPES.has(wireType)) throw new RangeError(`there is no wire type ${wireType}`);
    if (innerType === undefined) {
      reader.skipType(wireType);
      continue;
    }
    if (wireType !== LENGTH_DELIMITED) throw new RangeError(`field ${number} has another wire type`);
    if (++counted > MAX_ANSWER_MESSAGES) throw new RangeError('it has more parts than any true answer');
    counted = countMessages(reader.bytes(), innerType, counted);
  }
  return counted;
}

const known = new WeakMap<Descriptor, ReadonlyMap<number, Descriptor>>();

/** Finds the types of a message's fields that are messages themselves, by the field's number. */
function innerTypes(type: Descriptor): ReadonlyMap<number, Descriptor> {
  let inner = known.get(type);
  if (inner === undefined) {
    const messages = type.field.filter(({ type: kind }) => kind === 'TYPE_MESSAGE');
    inner = new Map(messages.map(({ number, typeName }) => [number, typeNamed(typeName, type)]));
    known.set(type, inner);
  }
  return inner;
}

/** Finds a message of the contract. The entries of a map are a type inside that of the map. */
function typeNamed(name: string, { nestedType }: Descriptor): Descriptor {
  const nested = nestedType.find((each) => each.name === name);
  return nested ?? (loadAgentProto() as unknown as Record<string, { type: Descriptor }>)[name].type;
}
