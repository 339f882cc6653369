import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { z } from 'zod';

/** Lists the levels of trust. Each has an account of its own on the server. */
export const LEVELS = ['learner', 'actor', 'observer'] as const;
export type Level = (typeof LEVELS)[number];

const schema = z.object({
  format: z.literal(1),
  /** nats://HOST:PORT/CLUSTER */
  address: z.string(),
  /** The actor's name, which its subjects end with. */
  name: z.string(),
  level: z.enum(LEVELS),
  /** The secret part of an nkey. */
  seed: z.string(),
  /** The certificate (PEM) of the authority that the server's certificate is from. Undefined: the server speaks without TLS. */
  ca: z.string().optional(),
});

/** Holds who somebody is in a cluster, and how the cluster is reached: what `cluster init` and `cluster invite` write. */
export type Credentials = z.infer<typeof schema>;

/**
 * Reads a file of credentials.
 * @throws AlphaTensorError UNSUPPORTED_FORMAT for another file; UNAUTHENTICATED if others can read it
 */
export function readCredentials(file: string): Credentials {
  if ((statSync(file).mode & 0o077) !== 0) {
    throw new AlphaTensorError(
      'UNAUTHENTICATED',
      `Other users of this machine can read ${file}, which holds a key; run chmod go= on it. If anybody may have read it, run at-trainer cluster revoke and invite again.`,
      { field: '--cluster' },
    );
  }
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new AlphaTensorError(
      'UNSUPPORTED_FORMAT',
      `${file} holds no credentials of a cluster; give the file that at-trainer cluster invite wrote.`,
      { field: '--cluster', cause },
    );
  }
}

/** Writes a file of credentials that only this user can read. @throws AlphaTensorError INVALID_ARGUMENT if the file exists */
export function writeCredentials(file: string, credentials: Credentials): void {
  try {
    writeFileSync(file, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `${file} exists; it may hold a key that is in use. Name another file.`,
      {
        cause,
      },
    );
  }
}
