import type { PeerCertificate } from 'node:tls';
import { type ChannelCredentials, credentials } from '@grpc/grpc-js';
import { CHANNEL_OPTIONS } from '../load.js';
import { type Identity, identityOf } from './identity.js';
import type { TlsMaterial } from './listener.js';

/**
 * Holds the options of a channel over TLS. Devices change their addresses, so the name in a certificate is an identity,
 * not a host name, and `mutualTls` checks it.
 */
export const TLS_CHANNEL_OPTIONS = { ...CHANNEL_OPTIONS, 'grpc.ssl_target_name_override': 'alphatensor-edge' } as const;

/**
 * Makes the credentials of a client that shows its own certificate and talks only to the right peer of the same CA.
 * @param refusal says why the peer is not the right one; undefined if it is
 */
export function mutualTls(
  { key, certificate, ca }: TlsMaterial,
  refusal: (peer: Identity | undefined) => string | undefined,
): ChannelCredentials {
  return credentials.createSsl(Buffer.from(ca), Buffer.from(key), Buffer.from(certificate), {
    checkServerIdentity: checkIdentity(refusal),
  });
}

/** Makes the same credentials without a certificate of the client's own, for the one call that gets it. */
export function serverTls(ca: string, refusal: (peer: Identity | undefined) => string | undefined): ChannelCredentials {
  return credentials.createSsl(Buffer.from(ca), null, null, { checkServerIdentity: checkIdentity(refusal) });
}

function checkIdentity(refusal: (peer: Identity | undefined) => string | undefined) {
  return (_host: string, peer: PeerCertificate): Error | undefined => {
    const reason = refusal(identityOf(peer.raw));
    return reason === undefined ? undefined : new Error(reason);
  };
}

/** Refuses every peer but the trainer, the only one that a device talks or listens to. */
export function refuseAllButTrainer(peer: Identity | undefined): string | undefined {
  return peer?.role === 'trainer' ? undefined : 'the certificate is not the trainer’s';
}

/**
 * Says why there is no connection, without the words that grpc-js and OpenSSL put around it. Undefined if something
 * else failed.
 * @param details of a status UNAVAILABLE
 */
export function whyNotConnected(details: string): string | undefined {
  const last = /^No connection established\. Last error: (?:Error: )?(.*)\. Resolution note: /s.exec(details)?.[1];
  const reason = last?.replace(/ \([\d-]+T[\d:.]+Z\)$/, '');
  return reason === undefined ? undefined : (/:SSL routines:[^:]*:([^:]+):/.exec(reason)?.[1] ?? reason);
}
