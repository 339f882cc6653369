import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { createUser } from '@nats-io/nkeys';
import { sync as writeFileAtomicSync } from 'write-file-atomic';
import { z } from 'zod';
import { makeServerCertificate } from './certificate.js';
import { LEVELS, type Level, writeCredentials } from './credentials.js';
import { NAME } from './names.js';
import { type Member, serverConfig } from './server-config.js';

// The folder of a cluster holds who belongs to it (cluster.json), the server's configuration and certificate, and files of credentials.

const FILE = 'cluster.json';
/** Names the server's configuration in the folder. */
export const SERVER_CONFIG = 'nats-server.conf';

const schema = z.object({
  format: z.literal(1),
  /** nats://HOST:PORT/CLUSTER, as members dial it. */
  address: z.string(),
  cluster: z.string(),
  port: z.number(),
  /** PEM; undefined: without TLS. */
  ca: z.string().optional(),
  members: z.array(z.object({ name: z.string(), level: z.enum(LEVELS), key: z.string() })),
});
type Membership = z.infer<typeof schema>;

/** Sets a new cluster. */
export interface ClusterWishes {
  readonly folder: string;
  readonly cluster: string;
  /** The host under which members reach the server, first the one that their credentials name. */
  readonly hosts: readonly string[];
  readonly port: number;
  readonly tls: boolean;
}

/**
 * Makes the folder of a cluster: the server's configuration and certificate, and the learner's credentials.
 * @returns the file of the learner's credentials
 * @throws AlphaTensorError INVALID_ARGUMENT for a wrong name, or if the folder holds a cluster already
 */
export async function initCluster({ folder, cluster, hosts, port, tls }: ClusterWishes): Promise<string> {
  checkName(cluster, '--name');
  if (existsSync(join(folder, FILE))) {
    throw new AlphaTensorError('INVALID_ARGUMENT', `${folder} holds a cluster already; name another folder.`, {
      field: '--folder',
    });
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let ca: string | undefined;
  if (tls) {
    const made = await makeServerCertificate([...new Set([...hosts, 'localhost', '127.0.0.1'])]);
    ca = made.ca;
    writeFileAtomicSync(join(folder, 'server.crt'), made.certificate);
    writeFileAtomicSync(join(folder, 'server.key'), made.key, { mode: 0o600 });
  }
  write(folder, { format: 1, address: `nats://${hosts[0]}:${port}/${cluster}`, cluster, port, ca, members: [] });
  return admit(folder, 'learner', 'learner');
}

/**
 * Lets a member in: makes its key, writes its credentials, and the server's configuration anew.
 * @returns the file of its credentials
 * @throws AlphaTensorError INVALID_ARGUMENT for a wrong name, or one that is taken; NOT_FOUND if the folder holds no cluster
 */
export function admit(folder: string, name: string, level: Level): string {
  checkName(name, 'NAME');
  const known = read(folder);
  if (known.members.some((member) => member.name === name)) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `${name} belongs to the cluster already; choose another name, or at-trainer cluster revoke ${name} first.`,
    );
  }
  const pair = createUser();
  const file = join(folder, `${name}.json`);
  const seed = Buffer.from(pair.getSeed()).toString();
  writeCredentials(file, { format: 1, address: known.address, name, level, seed, ca: known.ca });
  write(folder, { ...known, members: [...known.members, { name, level, key: pair.getPublicKey() }] });
  return file;
}

/** Shuts a member out, once the server has read its configuration again. @throws AlphaTensorError NOT_FOUND */
export function revoke(folder: string, name: string): void {
  const known = read(folder);
  if (!known.members.some((member) => member.name === name)) {
    throw new AlphaTensorError('NOT_FOUND', `${name} does not belong to the cluster in ${folder}.`);
  }
  write(folder, { ...known, members: known.members.filter((member) => member.name !== name) });
}

/** Lists who belongs to a cluster. @throws AlphaTensorError NOT_FOUND, UNSUPPORTED_FORMAT */
export function membersOf(folder: string): readonly Member[] {
  return read(folder).members;
}

function read(folder: string): Membership {
  const path = join(folder, FILE);
  if (!existsSync(path)) {
    throw new AlphaTensorError('NOT_FOUND', `${folder} holds no cluster; at-trainer cluster init makes one.`, {
      field: '--folder',
    });
  }
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new AlphaTensorError('UNSUPPORTED_FORMAT', `${path} is damaged; restore it, or make the cluster anew.`, {
      cause,
    });
  }
}

function write(folder: string, membership: Membership): void {
  const { cluster, port, ca, members } = membership;
  const at = (name: string): string => resolve(folder, name);
  const tls = ca === undefined ? undefined : { certificate: at('server.crt'), key: at('server.key') };
  writeFileAtomicSync(join(folder, FILE), `${JSON.stringify(membership, null, 2)}\n`, { mode: 0o600 });
  const text = serverConfig({ cluster, port, store: at('streams'), tls, members });
  writeFileAtomicSync(join(folder, SERVER_CONFIG), text, { mode: 0o600 });
}

function checkName(name: string, field: string): void {
  if (NAME.test(name)) return;
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    `"${name}" is no name; use up to 40 letters, digits, - and _, the first a letter or a digit.`,
    { field },
  );
}
