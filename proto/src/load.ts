import { fileURLToPath } from 'node:url';
import { type GrpcObject, loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { ProtoGrpcType } from './generated/agent.js';
import type { ProtoGrpcType as TrainerGrpcType } from './generated/trainer.js';

/**
 * The version of the contract that this build speaks. It is raised only when an older peer would misread a
 * message.
 */
export const PROTOCOL_VERSION = 1;

/** The oldest version that this build still understands. */
export const MIN_PROTOCOL_VERSION = 1;

/** Names the trailing metadata beside a status: what a program needs of an error whose message is for people. */
export const ERROR_METADATA = {
  /** The ErrorCode of the shared package, finer than the status. */
  code: 'alphatensor-code',
  /** The field of the request that is wrong, for example `levels[0].u`. */
  field: 'alphatensor-field',
  /** With RESOURCE_EXHAUSTED: when to try again, milliseconds. */
  retryAfterMs: 'retry-after-ms',
} as const;

/**
 * Bounds the messages that either side accepts, bytes. The largest that an agent would compile, a thousand dense
 * products of <16,16,16>, takes less than half of it. A hostile message takes a hundred times its size in memory when
 * it is decoded.
 */
const MAX_MESSAGE_BYTES = 2 * 1024 * 1024;

/** Loads the agents' side of the contract. */
export function loadAgentProto(): ProtoGrpcType['alphatensor']['agent']['v1'] {
  return (load('agent.proto') as unknown as ProtoGrpcType).alphatensor.agent.v1;
}

/** Loads the trainer's side of the contract. */
export function loadTrainerProto(): TrainerGrpcType['alphatensor']['agent']['v1'] {
  return (load('trainer.proto') as unknown as TrainerGrpcType).alphatensor.agent.v1;
}

const loaded = new Map<string, GrpcObject>();

/** Loads a file of the contract, once a process, since it takes 10 ms each time. */
function load(file: string): GrpcObject {
  const known = loaded.get(file) ?? parse(file);
  loaded.set(file, known);
  return known;
}

/** Reads a file of the contract. The options agree with those of scripts/generate.mjs. */
function parse(file: string): GrpcObject {
  const path = fileURLToPath(new URL(`../alphatensor/agent/v1/${file}`, import.meta.url));
  return loadPackageDefinition(
    loadSync(path, { longs: Number, enums: String, defaults: true, arrays: true, oneofs: true }),
  );
}

/**
 * Holds the channel options of both sides: keepalive 30 s / 10 s, capped messages, no HTTP proxy (a device is reached
 * directly).
 */
export const CHANNEL_OPTIONS = {
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.enable_http_proxy': 0,
} as const;
