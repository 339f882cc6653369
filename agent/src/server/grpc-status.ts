import { ERROR_METADATA } from '@alphatensor-edge/proto';
import { AlphaTensorError, type ErrorCode } from '@alphatensor-edge/shared';
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';

const STATUS: Record<ErrorCode, status> = {
  INVALID_ARGUMENT: status.INVALID_ARGUMENT,
  NOT_A_FACTORIZATION: status.INVALID_ARGUMENT,
  UNSUPPORTED_FORMAT: status.INVALID_ARGUMENT,
  NOT_FOUND: status.NOT_FOUND,
  UNAVAILABLE: status.UNAVAILABLE,
  UNAUTHENTICATED: status.UNAUTHENTICATED,
  NOT_BELIEVED: status.INTERNAL,
  INCOMPATIBLE_VERSION: status.FAILED_PRECONDITION,
  RESOURCE_EXHAUSTED: status.RESOURCE_EXHAUSTED,
  CANCELLED: status.CANCELLED,
  TIMEOUT: status.DEADLINE_EXCEEDED,
  GOAL_MISSED: status.INTERNAL,
  REGRESSED: status.INTERNAL,
  INTERNAL: status.INTERNAL,
};

/** Tells how long a caller should wait when the queue is full: about one measurement. */
const RETRY_AFTER_MS = 5_000;

/** Tells whether the error means something to the caller. Any other is a fault of ours. */
export function isForCaller(error: unknown): error is AlphaTensorError {
  return error instanceof AlphaTensorError && STATUS[error.code] !== status.INTERNAL;
}

/**
 * Makes the gRPC status of anything thrown. Its message is for people; its trailing metadata (ERROR_METADATA) holds
 * what a program needs. A fault of ours says only that it is one, and the details go to the agent's log.
 */
export function toStatus(error: unknown): ServiceError {
  const known = isForCaller(error)
    ? error
    : new AlphaTensorError(
        'INTERNAL',
        'The agent failed through a fault of its own; its log says more. It keeps serving.',
        {
          cause: error,
        },
      );
  const metadata = new Metadata();
  metadata.set(ERROR_METADATA.code, known.code);
  if (known.details.field !== undefined) metadata.set(ERROR_METADATA.field, known.details.field);
  if (known.code === 'RESOURCE_EXHAUSTED') metadata.set(ERROR_METADATA.retryAfterMs, String(RETRY_AFTER_MS));
  return Object.assign(new Error(known.message), { code: STATUS[known.code], details: known.message, metadata });
}
