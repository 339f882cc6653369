import 'reflect-metadata';
import { randomBytes, randomUUID, webcrypto } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { identityOf, identityUri, isRenewalDue, type Role, type TlsMaterial } from '@alphatensor-edge/proto';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import * as x509 from '@peculiar/x509';
import { sync as writeFileAtomicSync } from 'write-file-atomic';
import { caFile, readPrivate, readTrainer, splitPem, trainerFile } from './material.js';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 24 * 3600 * 1000;
const CA_DAYS = 3650;
/** Days that a certificate of a device or of the trainer holds. It is renewed in the last third. */
const CERTIFICATE_DAYS = 90;
/** Starts certificates earlier, for devices whose clock is behind. */
const BACKDATE_MS = 3600 * 1000;

/** Represents the trainer's own CA. Only its certificates count, and it signs only for this trainer and its devices. */
export interface Authority {
  /** PEM. */
  readonly ca: string;
  /**
   * Signs a certificate (PEM) for a key.
   * @param days how long it holds; a negative number makes an expired one
   */
  issue(role: Role, publicKey: x509.PublicKeyType, days?: number): Promise<string>;
}

/** Reads the CA of this user. The first call makes it. @throws AlphaTensorError UNAUTHENTICATED, UNSUPPORTED_FORMAT */
export async function openAuthority(): Promise<Authority> {
  const file = caFile();
  const [keyPem, ca] = splitPem(readPrivate(file) ?? (await makeAuthority(file)), file);
  const key = await importKey(keyPem);
  const issuer = new x509.X509Certificate(ca);
  return {
    ca,
    issue: async (role, publicKey, days = CERTIFICATE_DAYS) => {
      const now = Date.now();
      const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: randomBytes(16).toString('hex'),
        subject: `CN=${role.role === 'trainer' ? 'at-trainer' : role.name}`,
        issuer: issuer.subject,
        notBefore: new Date(Math.min(now, now + days * DAY_MS) - BACKDATE_MS),
        notAfter: new Date(now + days * DAY_MS),
        publicKey,
        signingKey: key,
        signingAlgorithm: ALGORITHM,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          // Agents and trainers both dial and listen.
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
          new x509.SubjectAlternativeNameExtension([{ type: 'url', value: identityUri(role) }]),
        ],
      });
      return `${certificate.toString('pem')}\n`;
    },
  };
}

/** Reads the trainer's own key and certificate, and makes new ones if they are missing or due for renewal. */
export async function renewTrainer(authority: Authority): Promise<TlsMaterial> {
  const kept = readTrainer();
  if (kept !== undefined && !isRenewalDue(identityOf(kept.certificate)!, new Date())) return kept;
  const { privateKey, publicKey } = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const key = await exportKey(privateKey);
  const certificate = await authority.issue({ role: 'trainer' }, publicKey);
  writeFileAtomicSync(trainerFile(), key + certificate, { mode: 0o600 });
  return { key, certificate, ca: authority.ca };
}

/**
 * Reads the public key of a certification request and checks by its signature that the sender has the private key.
 * @throws AlphaTensorError INVALID_ARGUMENT
 */
export async function requestedKey(der: Buffer): Promise<x509.PublicKey> {
  const invalid = (cause?: unknown) =>
    new AlphaTensorError('INVALID_ARGUMENT', 'certificate_request is not a signed PKCS #10 request for a P-256 key.', {
      field: 'certificate_request',
      cause,
    });
  let request: x509.Pkcs10CertificateRequest;
  try {
    request = new x509.Pkcs10CertificateRequest(Uint8Array.from(der));
    if (await request.verify()) {
      const { name, namedCurve } = request.publicKey.algorithm as { name: string; namedCurve?: string };
      if (name === 'ECDSA' && namedCurve === 'P-256') return request.publicKey;
    }
  } catch (cause) {
    throw invalid(cause);
  }
  throw invalid();
}

/** Makes the CA. Writes it aside and then links it, so that two commands that start together get the same CA. */
async function makeAuthority(file: string): Promise<string> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const now = Date.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomBytes(16).toString('hex'),
    name: `CN=AlphaTensor Edge ${randomBytes(4).toString('hex')}`,
    notBefore: new Date(now - BACKDATE_MS),
    notAfter: new Date(now + CA_DAYS * DAY_MS),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  const aside = `${file}.${randomUUID()}`;
  writeFileSync(aside, `${await exportKey(keys.privateKey)}${certificate.toString('pem')}\n`, {
    mode: 0o600,
    flag: 'wx',
  });
  try {
    linkSync(aside, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside);
  }
  return readFileSync(file, 'utf8');
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), ALGORITHM, false, ['sign']);
}
