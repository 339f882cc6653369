import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { configFolder } from '../config-folder.js';

/** Where keys, invitations and the sockets of linked agents are: for this user alone. Made when it is missing. */
export function trustFolder(): string {
  const folder = join(configFolder(), 'trust');
  mkdirSync(join(folder, 'links'), { recursive: true, mode: 0o700 });
  requirePrivate(folder);
  return folder;
}

/** The socket through which commands reach an agent that dialled in. */
export function linkSocket(name: string): string {
  return join(trustFolder(), 'links', `${name}.sock`);
}

/** @throws AlphaTensorError UNAUTHENTICATED if other users may use the file or folder */
export function requirePrivate(path: string): void {
  if ((statSync(path).mode & 0o077) === 0) return;
  throw new AlphaTensorError(
    'UNAUTHENTICATED',
    `Other users of this machine can use ${path}, which holds the trainer's keys; run chmod go= on it. If anybody may have read it, delete it and enrol all agents again.`,
  );
}
