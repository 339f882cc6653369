import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TlsMaterial } from '@alphatensor-edge/proto';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { requirePrivate, trustFolder } from './folder.js';

/** Locates the key and certificate of the CA. */
export const caFile = (): string => join(trustFolder(), 'ca.pem');
/** Locates the trainer's own key and certificate. */
export const trainerFile = (): string => join(trustFolder(), 'trainer.pem');

/**
 * Reads the trainer's key and certificate and the CA that it trusts; undefined before the first invitation.
 * @throws AlphaTensorError UNAUTHENTICATED, UNSUPPORTED_FORMAT
 */
export function readTrainer(): TlsMaterial | undefined {
  const [own, authority] = [readPrivate(trainerFile()), readPrivate(caFile())];
  if (own === undefined || authority === undefined) return undefined;
  const [key, certificate] = splitPem(own, trainerFile());
  const [, ca] = splitPem(authority, caFile());
  return { key, certificate, ca };
}

/** Reads a file that holds a key; undefined if there is none. @throws AlphaTensorError UNAUTHENTICATED if others can read it */
export function readPrivate(file: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  requirePrivate(file);
  return text;
}

/** Splits a file into a key and its certificate. @throws AlphaTensorError UNSUPPORTED_FORMAT */
export function splitPem(text: string, file: string): [key: string, certificate: string] {
  const blocks = text.match(/-----BEGIN [A-Z ]+-----[^-]+-----END [A-Z ]+-----\n/g);
  if (blocks?.length === 2) return [blocks[0], blocks[1]];
  throw new AlphaTensorError(
    'UNSUPPORTED_FORMAT',
    `${file} is damaged; restore it from a backup, or delete the folder it is in and enrol all agents again.`,
  );
}
