import { TrustStore } from './trust-store.js';

/** Tells how far a device is let in. */
export interface Admission {
  readonly name: string;
  readonly state: 'invited' | 'enrolled' | 'revoked';
  /** Until when the invitation or the certificate holds, or when it was revoked; null: unknown. */
  readonly at: Date | null;
  /** When two connections with its key were last seen at once. */
  readonly doubledAt?: Date | undefined;
}

/** Lists the invitations that are open, the devices that are enrolled and those that are revoked. Makes no store if there is none. */
export function admissions(now = new Date()): Admission[] {
  if (!TrustStore.exists()) return [];
  const store = TrustStore.open();
  try {
    return [
      ...store
        .openInvitations(now)
        .map(({ agent, expiresAt }) => ({ name: agent, state: 'invited' as const, at: expiresAt })),
      ...store
        .list()
        .map(({ name, revokedAt, certificateUntil, doubledAt }) =>
          revokedAt === undefined
            ? { name, state: 'enrolled' as const, at: certificateUntil ?? null, ...(doubledAt && { doubledAt }) }
            : { name, state: 'revoked' as const, at: revokedAt },
        ),
    ];
  } finally {
    store.close();
  }
}
