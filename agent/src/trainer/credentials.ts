import { accessSync, constants, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Identity, identityOf, type TlsMaterial } from '@alphatensor-edge/proto';
import { AlphaTensorError, messageOf } from '@alphatensor-edge/shared';
import { sync as writeFileAtomicSync } from 'write-file-atomic';
import { z } from 'zod';

/** Holds what enrolment leaves on the device. It is one file, so that a renewal replaces all of it at once. */
export interface Credentials extends TlsMaterial {
  /** HOST:PORT of the endpoint that gave them. */
  readonly trainer: string;
}

const schema = z.object({ trainer: z.string(), key: z.string(), certificate: z.string(), ca: z.string() });

/** Gives the path of the credentials. */
export function credentialsFile(stateFolder: string): string {
  return join(stateFolder, 'credentials.json');
}

/**
 * Reads the credentials. Undefined on a device that is not enrolled.
 * @throws AlphaTensorError UNSUPPORTED_FORMAT (damaged), UNAUTHENTICATED (other users can read them), UNAVAILABLE
 */
export function loadCredentials(stateFolder: string): Credentials | undefined {
  const file = credentialsFile(stateFolder);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new AlphaTensorError('UNAVAILABLE', `${file} cannot be read (${messageOf(error)}).`, { cause: error });
  }
  const { mode, uid } = statSync(file);
  const user = process.getuid?.();
  if (user !== undefined && uid !== user && uid !== 0) {
    throw new AlphaTensorError(
      'UNAUTHENTICATED',
      `${file} belongs to user ${uid}, and this is user ${user}; run at-agent as that user, or name another folder in ALPHATENSOR_STATE_DIR.`,
    );
  }
  if ((mode & 0o077) !== 0) {
    throw new AlphaTensorError(
      'UNAUTHENTICATED',
      `Other users can read this device's key in ${file}; run chmod 600 on it. If anybody may have read it, revoke the device and enrol it again.`,
    );
  }
  try {
    const credentials = schema.parse(JSON.parse(text));
    agentIdentity(credentials);
    return credentials;
  } catch {
    // Without the cause, which could quote the key.
    throw new AlphaTensorError('UNSUPPORTED_FORMAT', `${file} is damaged; delete it and enrol again.`);
  }
}

/**
 * Checks that credentials can be kept, before a token is spent.
 * @throws AlphaTensorError UNAVAILABLE
 */
export function requireWritable(stateFolder: string): void {
  try {
    mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
    accessSync(stateFolder, constants.W_OK);
  } catch (error) {
    throw notKept(credentialsFile(stateFolder), error);
  }
}

/**
 * Writes the credentials.
 * @throws AlphaTensorError UNAVAILABLE
 */
export function saveCredentials(stateFolder: string, { trainer, key, certificate, ca }: Credentials): void {
  const file = credentialsFile(stateFolder);
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileAtomicSync(file, `${JSON.stringify({ trainer, key, certificate, ca }, null, 2)}\n`, { mode: 0o600 });
  } catch (error) {
    throw notKept(file, error);
  }
}

function notKept(file: string, error: unknown): AlphaTensorError {
  return new AlphaTensorError('UNAVAILABLE', `The credentials cannot be kept in ${file} (${messageOf(error)}).`, {
    cause: error,
  });
}

/**
 * Reads who this device is to the trainer.
 * @throws Error for a certificate that is not an agent's
 */
export function agentIdentity({ certificate }: Pick<Credentials, 'certificate'>): Identity & { role: 'agent' } {
  const identity = identityOf(certificate);
  if (identity?.role !== 'agent') throw new Error('The certificate is not an agent’s.');
  return identity;
}
