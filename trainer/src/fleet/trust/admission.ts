import { X509Certificate } from 'node:crypto';
import { formatToken, newToken } from '@alphatensor-edge/proto';
import { requireAgentName } from '../agent-registry.js';
import { openAuthority, renewTrainer } from './authority.js';
import { TrustStore } from './trust-store.js';

// Who may come in: devices are invited by name, and refused from when they are revoked.

interface Invitation {
  /** For `at-agent enroll`; good once. */
  readonly token: string;
  readonly expiresAt: Date;
}

/**
 * Makes a one-time token for a device to enrol under a name.
 * @param validSeconds how long the token is valid
 * @throws AlphaTensorError INVALID_ARGUMENT for what is no name, and as openAuthority
 */
export async function inviteDevice(name: string, validSeconds: number): Promise<Invitation> {
  requireAgentName(name);
  const authority = await openAuthority();
  await renewTrainer(authority);
  const token = newToken(new X509Certificate(authority.ca).raw);
  const expiresAt = new Date(Date.now() + validSeconds * 1000);
  withStore((store) => store.invite(name, token.secret, expiresAt));
  return { token: formatToken(token), expiresAt };
}

/** Refuses a device from now on. @throws AlphaTensorError as TrustStore.revoke */
export function revokeDevice(name: string): void {
  withStore((store) => store.revoke(name));
}

function withStore(action: (store: TrustStore) => void): void {
  const store = TrustStore.open();
  try {
    action(store);
  } finally {
    store.close();
  }
}
