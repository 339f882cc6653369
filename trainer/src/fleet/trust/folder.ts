import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { configFolder } from '../config-folder.js';

/** Locates the folder of keys, invitations and sockets of linked agents, which only this user may open. Makes it if it is missing. */
export function trustFolder(): string {
  const folder = join(configFolder(), 'trust');
  mkdirSync(join(folder, 'links'), { recursive: true, mode: 0o700 });
  requirePrivate(folder);
  return folder;
}

/** Locates the socket through which commands reach an agent that dialled in. */
export function linkSocket(name: string): string {
  return join(trustFolder(), 'links', `${name}.sock`);
}

/** Checks that only this user may use a file or folder. @throws AlphaTensorError UNAUTHENTICATED if others may */
export function requirePrivate(path: string): void {
  if ((statSync(path).mode & 0o077) === 0) return;
  throw new AlphaTensorError(
    'UNAUTHENTICATED',
    `Other users of this machine can use ${path}, which holds the trainer's keys; run chmod go= on it. If anybody may have read it, delete it and enrol all agents again.`,
  );
}
