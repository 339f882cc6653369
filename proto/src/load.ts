import { fileURLToPath } from 'node:url';
import { type GrpcObject, loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { ProtoGrpcType } from './generated/agent.js';

/** The version of the contract that this build speaks; raised only when an older peer would misread a message. */
export const PROTOCOL_VERSION = 1;

/** The oldest version that this build still understands. */
export const MIN_PROTOCOL_VERSION = 1;

/** Trailing metadata beside a status: what a program needs of an error whose message is for people. */
export const ERROR_METADATA = {
  /** The ErrorCode of the shared package, finer than the status. */
  code: 'alphatensor-code',
  /** The field of the request that is wrong, for example `levels[0].u`. */
  field: 'alphatensor-field',
  /** With RESOURCE_EXHAUSTED: when to try again, milliseconds. */
  retryAfterMs: 'retry-after-ms',
} as const;

/**
 * Largest message either side accepts, bytes. The biggest that an agent would compile, a thousand dense products of
 * <16,16,16>, is less than half of it; a hostile one takes a hundred times its size in memory when it is decoded.
 */
export const MAX_MESSAGE_BYTES = 2 * 1024 * 1024;

const FILE = fileURLToPath(new URL('../alphatensor/agent/v1/agent.proto', import.meta.url));

/** Loads the contract. The options agree with those of scripts/generate.mjs. */
export function loadAgentProto(): ProtoGrpcType['alphatensor']['agent']['v1'] {
  const definition = loadSync(FILE, {
    longs: Number,
    enums: String,
    defaults: true,
    arrays: true,
    oneofs: true,
  });
  const root: GrpcObject = loadPackageDefinition(definition);
  return (root as unknown as ProtoGrpcType).alphatensor.agent.v1;
}

/**
 * Channel options for both sides: keepalive 30 s / 10 s, capped messages, no HTTP proxy (a device is reached directly).
 */
export const CHANNEL_OPTIONS = {
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.enable_http_proxy': 0,
} as const;
