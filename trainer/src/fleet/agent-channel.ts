import { basename } from 'node:path';
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
import { hostOf, isLinkAddress } from './agent-address.js';
import { namesOf } from './agent-registry.js';
import { readTrainer } from './trust/material.js';
import { TrustStore } from './trust/trust-store.js';

/** Holds what a gRPC client needs to connect to one agent. */
export interface AgentChannel {
  readonly credentials: ChannelCredentials;
  readonly options: ChannelOptions;
  /**
   * Checks that the agent is still trusted. Call it before, during and after each call: a connection may outlive a revocation.
   * @throws AlphaTensorError UNAUTHENTICATED
   */
  requireTrusted(): void;
  /**
   * Ties a device id to the certificate of the agent that answers with it, so that no other can take its measurements' place. On
   * this machine, in the clear, there is no certificate to tie it to.
   * @throws AlphaTensorError NOT_BELIEVED if another enrolled agent answers with this id
   */
  bindDevice(deviceId: string): void;
}

/**
 * Secures the connection to an agent. On this machine it is in the clear, as the agent expects. Elsewhere both sides show
 * certificates of this trainer's CA.
 * @param address HOST:PORT, or unix:FILE for an agent that dialled in
 * @throws AlphaTensorError UNAUTHENTICATED if this trainer has no valid certificate
 */
export function agentChannel(address: string): AgentChannel {
  const inClear = credentials.createInsecure();
  if (isLinkAddress(address)) {
    const name = basename(address, '.sock');
    return {
      credentials: inClear,
      // The link notices itself when it is cut, so keepalive is not needed.
      options: { ...CHANNEL_OPTIONS, 'grpc.keepalive_time_ms': -1 },
      requireTrusted: () => throwIfRefused(name, refusalOfLink(name)),
      bindDevice: (deviceId) => bind(name, deviceId),
    };
  }
  if (isLoopback(hostOf(address))) {
    return {
      credentials: inClear,
      options: CHANNEL_OPTIONS,
      requireTrusted: () => undefined,
      bindDevice: () => undefined,
    };
  }
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
    requireTrusted: () => throwIfRefused(`The agent at ${address}`, answering && refusal(answering, namesOf(address))),
    bindDevice: (deviceId) => {
      if (answering?.role === 'agent') bind(answering.name, deviceId);
    },
  };
}

/**
 * Says why the peer is not trusted; undefined if it is.
 * @param names the names under which the address was added; if empty, any enrolled agent may answer there
 */
function refusal(peer: Identity | undefined, names: readonly string[]): string | undefined {
  if (peer?.role === 'agent' && names.length > 0 && !names.includes(peer.name)) {
    return `it is enrolled as ${peer.name} and not as ${names.join(' or ')}`;
  }
  return withStore((store) => store.refusal(peer));
}

/** Says why a linked agent is not trusted; undefined if it is. The hub has checked its key already. */
function refusalOfLink(name: string): string | undefined {
  const agent = withStore((store) => store.list()).find((enrolled) => enrolled.name === name);
  if (agent === undefined) return 'it is not enrolled';
  return agent.revokedAt === undefined ? undefined : 'it was revoked';
}

function bind(name: string, deviceId: string): void {
  const holder = withStore((store) => store.bindDevice(name, deviceId));
  if (holder === undefined) return;
  throw new AlphaTensorError(
    'NOT_BELIEVED',
    `${name} answers with the device id of ${holder}, so it is not believed. If it is a copy, delete the file device-id in its ` +
      `state folder; if it is the same device under a new name, run at-trainer agents revoke ${holder}.`,
    { field: '--agent' },
  );
}

function throwIfRefused(who: string, reason: string | undefined): void {
  if (reason === undefined) return;
  throw new AlphaTensorError('UNAUTHENTICATED', `${who} is no longer trusted: ${reason}.`);
}

function withStore<T>(read: (store: TrustStore) => T): T {
  const store = TrustStore.open();
  try {
    return read(store);
  } finally {
    store.close();
  }
}
