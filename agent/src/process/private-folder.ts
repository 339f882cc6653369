import { lstat, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { temporaryFolder } from '@alphatensor-edge/shared';

/** Matches at-agent-PID-RANDOM. PID is the process that made the folder. */
const NAME = /^at-agent-(\d+)-\w{6}$/;
/**
 * An age that is longer than any compiler runs. The age has to decide because process numbers mean nothing if
 * containers share the folder for temporary files.
 */
const STALE_MS = 3600 * 1000;

/** Runs an action with a fresh folder that only this user can read (mode 0700), then removes the folder. */
export async function withPrivateFolder<T>(action: (folder: string) => Promise<T>): Promise<T> {
  const folder = temporaryFolder(`at-agent-${process.pid}-`);
  try {
    return await action(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Removes the private folders that killed agents of this user left an hour ago or earlier. */
export async function removeStaleFolders(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = NAME.exec(name)?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    const folder = join(tmpdir(), name);
    const found = await lstat(folder).catch(() => undefined);
    if (!found?.isDirectory() || found.uid !== process.getuid?.() || Date.now() - found.mtimeMs < STALE_MS) continue;
    await rm(folder, { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: another user's process, so it exists.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
