import {
  CHANNEL_OPTIONS,
  type Identity,
  identityOf,
  isLoopback,
  mutualTls,
  TLS_CHANNEL_OPTIONS,
} from '@alphatensor-edge/proto';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { type ChannelCredentials, type ChannelOptions, credentials } from '@grpc/grpc-js';
import { isLinkAddress } from './agent-address.js';
import { namesOf } from './agent-registry.js';
import { readTrainer } from './trust/material.js';
import { TrustStore } from './trust/trust-store.js';

export interface AgentChannel {
  readonly credentials: ChannelCredentials;
  readonly options: ChannelOptions;
  /** Before each call, since a connection may outlive a revocation. @throws AlphaTensorError UNAUTHENTICATED */
  requireTrusted(): void;
}

/**
 * How the connection to an agent is secured: on this machine in the clear, as on the agent's side, and anywhere else with
 * certificates of this trainer's CA on both sides.
 * @param address HOST:PORT, or unix:FILE for an agent that dialled in
 * @throws AlphaTensorError UNAUTHENTICATED without a valid certificate of one's own
 */
export function agentChannel(address: string): AgentChannel {
  const inClear = { credentials: credentials.createInsecure(), requireTrusted: () => undefined };
  // The link itself notices when it is cut or revoked, and nothing else lies between.
  if (isLinkAddress(address)) return { ...inClear, options: { ...CHANNEL_OPTIONS, 'grpc.keepalive_time_ms': -1 } };
  if (isLoopback(hostOf(address))) return { ...inClear, options: CHANNEL_OPTIONS };
  const material = readTrainer();
  if (material === undefined) {
    throw new AlphaTensorError(
      'UNAUTHENTICATED',
      `The agent at ${address} is on another machine and must be enrolled first: at-trainer agents invite NAME, at-trainer hub.`,
    );
  }
  if (identityOf(material.certificate)!.validTo.getTime() <= Date.now()) {
    throw new AlphaTensorError(
      'UNAUTHENTICATED',
      'The certificate of this trainer has expired, or the clock is wrong; start at-trainer hub, which renews it.',
    );
  }
  let answering: Identity | undefined;
  const refuse = (peer: Identity | undefined): string | undefined => {
    answering = peer;
    return refusal(peer, namesOf(address));
  };
  return {
    credentials: mutualTls(material, refuse),
    options: TLS_CHANNEL_OPTIONS,
    requireTrusted: () => {
      const reason = answering === undefined ? undefined : refusal(answering, namesOf(address));
      if (reason === undefined) return;
      throw new AlphaTensorError('UNAUTHENTICATED', `The agent at ${address} is not trusted any more: ${reason}.`);
    },
  };
}

/** @param names under which the address was added; none: any enrolled agent may answer there */
function refusal(peer: Identity | undefined, names: readonly string[]): string | undefined {
  if (peer?.role === 'agent' && names.length > 0 && !names.includes(peer.name)) {
    return `it is enrolled as ${peer.name} and not as ${names.join(' or ')}`;
  }
  const store = TrustStore.open();
  try {
    return store.refusal(peer);
  } finally {
    store.close();
  }
}

function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':')).replace(/^\[|\]$/g, '');
}
