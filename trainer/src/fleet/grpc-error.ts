import { basename } from 'node:path';
import { ERROR_METADATA, isLoopback, whyNotConnected } from '@alphatensor-edge/proto';
import { AlphaTensorError, type ErrorCode, messageOf } from '@alphatensor-edge/shared';
import { type ServiceError, status } from '@grpc/grpc-js';
import { isLinkAddress } from './agent-address.js';
import { boundedSentence } from './bounded-text.js';

/** Errors that say nothing about the request: it may succeed later or elsewhere. */
const INFRASTRUCTURE: ReadonlySet<ErrorCode> = new Set([
  'UNAVAILABLE',
  'CANCELLED',
  'TIMEOUT',
  'RESOURCE_EXHAUSTED',
  // A fault of the agent. It may pass, and retries are limited.
  'INTERNAL',
  // The device was revoked. Another one may take the job, or the same one after a new invitation.
  'UNAUTHENTICATED',
]);

/** What gRPC says before the reason why an answer does not decode. */
const UNREADABLE = 'Response message parsing error:';

/** Matches the system's errors for a connection that was never made. */
const NOBODY = /E(CONNREFUSED|NOTFOUND|AI_AGAIN|HOSTUNREACH|NETUNREACH|TIMEDOUT)/;

/** Tells whether a retry makes sense. An error of another class is a bug here and is not retried. */
export function isInfrastructure(error: unknown): error is AlphaTensorError {
  return error instanceof AlphaTensorError && INFRASTRUCTURE.has(error.code);
}

/** Reads how long an agent with a full queue asks us to wait, milliseconds; undefined if it does not say. */
export function retryAfterMs(error: AlphaTensorError): number | undefined {
  const text = isServiceError(error.details.cause)
    ? metadataText(error.details.cause, ERROR_METADATA.retryAfterMs)
    : undefined;
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/**
 * Turns a gRPC status into an AlphaTensorError. It is the only place that does.
 * @param address HOST:PORT of the agent, for the message
 */
export function fromGrpc(error: unknown, address: string): AlphaTensorError {
  if (error instanceof AlphaTensorError) return error;
  if (!isServiceError(error)) {
    return new AlphaTensorError('INTERNAL', `Talking to the agent at ${address} failed: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const said = boundedSentence(error.details);
  const make = (code: ErrorCode, message: string): AlphaTensorError => {
    return new AlphaTensorError(code, message, { cause: error, field: metadataText(error, ERROR_METADATA.field) });
  };
  switch (error.code) {
    case status.INVALID_ARGUMENT: {
      const notExact = metadataText(error, ERROR_METADATA.code) === ('NOT_A_FACTORIZATION' satisfies ErrorCode);
      return make(notExact ? 'NOT_A_FACTORIZATION' : 'INVALID_ARGUMENT', said);
    }
    case status.ALREADY_EXISTS:
    case status.OUT_OF_RANGE:
      return make('INVALID_ARGUMENT', said);
    case status.NOT_FOUND:
      return make('NOT_FOUND', said);
    case status.FAILED_PRECONDITION:
      return make('INCOMPATIBLE_VERSION', said);
    case status.UNIMPLEMENTED:
      return make(
        'INCOMPATIBLE_VERSION',
        `The server at ${address} is not an AlphaTensor agent of this version (${said}); start one with at-agent serve.`,
      );
    case status.UNAVAILABLE:
      // The agent's own message if it sent one; else that of the transport.
      return make(
        'UNAVAILABLE',
        metadataText(error, ERROR_METADATA.code) === undefined ? unavailable(address, error.details) : said,
      );
    case status.RESOURCE_EXHAUSTED:
      // Waiting helps against everything but the size of a message. What was sent is measured before it leaves.
      if (/attempted to send message/i.test(said)) {
        return make(
          'INVALID_ARGUMENT',
          `The message for the agent at ${address} is too large: ${said}; use fewer recursion levels.`,
        );
      }
      return /message.* larger than/i.test(said)
        ? make(
            'NOT_BELIEVED',
            `The answer of the agent at ${address} is too large: ${said}. No true answer is; update at-agent there, or leave it out.`,
          )
        : make('RESOURCE_EXHAUSTED', said);
    case status.UNAUTHENTICATED:
    case status.PERMISSION_DENIED:
      return make('UNAUTHENTICATED', said);
    case status.CANCELLED:
      return make('CANCELLED', `The call to the agent at ${address} was cancelled.`);
    case status.DEADLINE_EXCEEDED:
      return make('TIMEOUT', `The agent at ${address} did not finish within the deadline.`);
    case status.INTERNAL:
      // gRPC's own words where an answer does not decode, among them those that are too large (answer-guard.ts).
      if (said.startsWith(UNREADABLE)) {
        return make(
          'NOT_BELIEVED',
          `The answer of the agent at ${address} cannot be read (${said.slice(UNREADABLE.length).trim()}); update at-agent there, or leave it out.`,
        );
      }
      return make('INTERNAL', `The agent at ${address} failed: ${said}`);
    default:
      return make('INTERNAL', `The agent at ${address} failed: ${said}`);
  }
}

/** @param details what gRPC says, whole: the reason of a failed connection is found by the words around it */
function unavailable(address: string, details: string): string {
  const said = boundedSentence(details);
  if (isLinkAddress(address)) {
    const name = basename(address, '.sock');
    return `${name} is not connected; run at-agent serve --connect there and at-trainer hub here (${said}).`;
  }
  const reason = whyNotConnected(details);
  const why = reason === undefined ? undefined : boundedSentence(reason);
  if (why === undefined && !/resolution/i.test(said)) return `The agent at ${address} went away (${said}).`;
  const port = address.slice(address.lastIndexOf(':') + 1);
  if (why === undefined || NOBODY.test(why) || isLoopback(address.slice(0, -port.length - 1)))
    return `No agent answers at ${address}; start one with at-agent serve --port ${port}.`;
  return `Agent and trainer do not accept each other at ${address} (${why}); see at-trainer agents list, at-agent doctor there, and both clocks.`;
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error && 'metadata' in error;
}

function metadataText(error: ServiceError, key: string): string | undefined {
  const value = error.metadata?.get(key)[0];
  return value === undefined ? undefined : value.toString();
}
