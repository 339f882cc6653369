import { createHash, X509Certificate } from 'node:crypto';

/** Matches the names of agents, which can be used unchanged in certificates, file names and command lines. */
export const AGENT_NAME = /^[A-Za-z0-9_.-]{1,64}$/;

/**
 * Says whom a certificate of the trainer's CA is for: the trainer itself (its endpoint and its commands), or one
 * device.
 */
export type Role = { readonly role: 'trainer' } | { readonly role: 'agent'; readonly name: string };

/** Holds what a certificate says about its owner. */
export type Identity = Role & {
  /** SHA-256 of the public key (SubjectPublicKeyInfo, DER), hexadecimal. A renewal keeps it. */
  readonly keyFingerprint: string;
  readonly validFrom: Date;
  readonly validTo: Date;
};

const PREFIX = 'urn:alphatensor-edge:';

/** Writes a role as the URI in a certificate's subjectAltName (RFC 5280, 4.2.1.6). */
export function identityUri(role: Role): string {
  return role.role === 'trainer' ? `${PREFIX}trainer` : `${PREFIX}agent:${role.name}`;
}

/**
 * Reads the identity in a certificate. Undefined for one that is not of this product. It says nothing about who signed
 * it, which TLS checks.
 * @param certificate PEM or DER
 */
export function identityOf(certificate: string | Buffer): Identity | undefined {
  const { subjectAltName, publicKey, validFrom, validTo } = new X509Certificate(certificate);
  const role = roleOf(subjectAltName ?? '');
  if (role === undefined) return undefined;
  const key = publicKey.export({ type: 'spki', format: 'der' });
  return { ...role, keyFingerprint: sha256(key), validFrom: new Date(validFrom), validTo: new Date(validTo) };
}

/**
 * Reads the role from the names in a certificate.
 * @param names as Node writes them: exactly one, of ours
 */
function roleOf(names: string): Role | undefined {
  if (names === `URI:${PREFIX}trainer`) return { role: 'trainer' };
  const agent = `URI:${PREFIX}agent:`;
  const name = names.startsWith(agent) ? names.slice(agent.length) : '';
  return AGENT_NAME.test(name) ? { role: 'agent', name } : undefined;
}

/** Computes SHA-256, hexadecimal. */
export function sha256(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Tells whether a certificate must be renewed: in the last third of its time. */
export function isRenewalDue({ validFrom, validTo }: Pick<Identity, 'validFrom' | 'validTo'>, now: Date): boolean {
  return now.getTime() > validTo.getTime() - (validTo.getTime() - validFrom.getTime()) / 3;
}
