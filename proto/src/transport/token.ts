import { createHash, randomBytes } from 'node:crypto';

const PREFIX = 'ate1_';
const FINGERPRINT_BYTES = 32;
const SECRET_BYTES = 16;

/** Holds what a person carries from the trainer to a device. By it each recognizes the other. */
interface InvitationToken {
  /** SHA-256 of the CA's certificate (DER), by which the device recognizes the trainer. */
  readonly caFingerprint: Buffer;
  /** 128 random bits, by which the trainer recognizes the device, once. */
  readonly secret: Buffer;
}

/** Makes a token for a device that is to know this CA (DER). */
export function newToken(caCertificate: Buffer): InvitationToken {
  return { caFingerprint: fingerprint(caCertificate), secret: randomBytes(SECRET_BYTES) };
}

/** Computes the SHA-256 of a certificate (DER). */
export function fingerprint(certificate: Buffer): Buffer {
  return createHash('sha256').update(certificate).digest();
}

/** Writes a token: 69 letters, digits, - and _. */
export function formatToken({ caFingerprint, secret }: InvitationToken): string {
  return PREFIX + Buffer.concat([caFingerprint, secret]).toString('base64url');
}

/** Parses a token. Undefined for any other text, or for a part of one. */
export function parseToken(text: string): InvitationToken | undefined {
  const body = text.trim();
  const bytes = Buffer.from(body.startsWith(PREFIX) ? body.slice(PREFIX.length) : '', 'base64url');
  if (bytes.length !== FINGERPRINT_BYTES + SECRET_BYTES || PREFIX + bytes.toString('base64url') !== body)
    return undefined;
  return { caFingerprint: bytes.subarray(0, FINGERPRINT_BYTES), secret: bytes.subarray(FINGERPRINT_BYTES) };
}
