import { ERROR_METADATA, type Identity, identityOf } from '@alphatensor-edge/proto';
import { AlphaTensorError, messageOf } from '@alphatensor-edge/shared';
import { Metadata, type ServerDuplexStream, type ServerUnaryCall, type ServiceError, status } from '@grpc/grpc-js';
import type { TrustStore } from '../trust/trust-store.js';

type Call = ServerUnaryCall<unknown, unknown> | ServerDuplexStream<unknown, unknown>;

/** Identifies the enrolled agent that makes a call. @throws AlphaTensorError UNAUTHENTICATED if the caller is no such agent */
export function requireAgent(call: Call, store: TrustStore): Identity & { readonly role: 'agent' } {
  const certificate = call.getAuthContext().sslPeerCertificate;
  const identity = certificate === undefined ? undefined : identityOf(certificate.raw);
  const refusal = certificate === undefined ? 'there is no certificate' : store.refusal(identity);
  if (refusal === undefined) return identity as Identity & { role: 'agent' };
  throw new AlphaTensorError(
    'UNAUTHENTICATED',
    `The trainer refuses this device: ${refusal}; run at-trainer agents invite NAME there and at-agent enroll here.`,
  );
}

const STATUS = {
  UNAUTHENTICATED: status.UNAUTHENTICATED,
  INVALID_ARGUMENT: status.INVALID_ARGUMENT,
  RESOURCE_EXHAUSTED: status.RESOURCE_EXHAUSTED,
} as const;

/** Makes the gRPC status for anything thrown. An internal fault gives no details to the peer. */
export function toStatus(error: unknown): ServiceError {
  const code = error instanceof AlphaTensorError ? STATUS[error.code as keyof typeof STATUS] : undefined;
  const message =
    code === undefined ? 'The trainer failed through a fault of its own; its log says more.' : messageOf(error);
  const metadata = new Metadata();
  metadata.set(ERROR_METADATA.code, code === undefined ? 'INTERNAL' : (error as AlphaTensorError).code);
  return Object.assign(new Error(message), { code: code ?? status.INTERNAL, details: message, metadata });
}
