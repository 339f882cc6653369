import { createHash, webcrypto } from 'node:crypto';
import { type EnrollmentHandlers, identityOf, withoutFlood } from '@alphatensor-edge/proto';
import { AlphaTensorError, type Logger } from '@alphatensor-edge/shared';
import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import type { PublicKey } from '@peculiar/x509';
import { type Authority, requestedKey } from '../trust/authority.js';
import type { TrustStore } from '../trust/trust-store.js';
import { FailureLimit } from './failure-limit.js';
import { requireAgent, toStatus } from './peer.js';

interface EnrollmentOptions {
  readonly authority: Authority;
  readonly store: TrustStore;
  readonly trainerVersion: string;
  readonly logger: Logger;
  /** Called before the device gets its answer. */
  onEnrolled(): Promise<void>;
}

/** Makes the handlers of alphatensor.agent.v1.Enrollment. */
export function enrollmentService(options: EnrollmentOptions): EnrollmentHandlers {
  const { authority, store, trainerVersion, logger, onEnrolled } = options;
  const limit = new FailureLimit();
  const onRefused = withoutFlood((reason, peer) => logger.warn({ peer, reason }, 'call refused'));
  const answer = <Request, Response>(handle: (call: ServerUnaryCall<Request, Response>) => Promise<Response>) => {
    return (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>): void => {
      handle(call).then(
        (response) => callback(null, response),
        (error) => {
          const peer = call.getPeer();
          if (error instanceof AlphaTensorError) onRefused(error.message, peer);
          else logger.error({ peer, err: error }, 'call failed through a fault of the trainer');
          callback(toStatus(error));
        },
      );
    };
  };
  const issue = async (name: string, key: PublicKey): Promise<string> => {
    const certificate = await authority.issue({ role: 'agent', name }, key);
    const until = identityOf(certificate)?.validTo;
    if (until !== undefined) store.noteCertificate(name, until);
    return certificate;
  };
  return {
    Enroll: answer(async (call) => {
      const address = hostOf(call.getPeer());
      const key = await requestedKey(call.request.certificateRequest);
      const fingerprint = await fingerprintOf(key);
      // No other call runs between this check and redeem, so calls in parallel get no extra tries.
      if (limit.isOver(address)) {
        throw new AlphaTensorError(
          'RESOURCE_EXHAUSTED',
          'Too many wrong tokens came from this address; try again in a minute.',
        );
      }
      try {
        const agentName = store.redeem(call.request.secret, fingerprint);
        logger.info({ agent: agentName, peer: address }, 'enrolled');
        const certificate = await issue(agentName, key);
        await onEnrolled();
        return { agentName, certificate };
      } catch (error) {
        if (error instanceof AlphaTensorError && error.code === 'UNAUTHENTICATED') limit.count(address);
        throw error;
      }
    }),
    Renew: answer(async (call) => {
      const { name, keyFingerprint } = requireAgent(call, store);
      const key = await requestedKey(call.request.certificateRequest);
      if ((await fingerprintOf(key)) !== keyFingerprint) {
        throw new AlphaTensorError(
          'INVALID_ARGUMENT',
          'A certificate is renewed for the key it has; enrol for a new one.',
          {
            field: 'certificate_request',
          },
        );
      }
      logger.info({ agent: name }, 'certificate renewed');
      return { certificate: await issue(name, key) };
    }),
    Check: answer(async (call) => ({
      agentName: requireAgent(call, store).name,
      trainerVersion,
      timeSeconds: Date.now() / 1000,
    })),
  };
}

/** Computes the fingerprint that identityOf gives for a certificate with this key. */
async function fingerprintOf(key: PublicKey): Promise<string> {
  const spki = await webcrypto.subtle.exportKey('spki', await key.export());
  return createHash('sha256').update(Buffer.from(spki)).digest('hex');
}

function hostOf(peer: string): string {
  return peer.slice(0, Math.max(0, peer.lastIndexOf(':')));
}
