import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** at-agent-PID-RANDOM: the number of the process that made it. */
const NAME = /^at-agent-(\d+)-\w{6}$/;
/** Longer than any compiler runs: process numbers mean nothing where containers share the folder for temporary files. */
const STALE_MS = 3600 * 1000;

/** Runs an action with a fresh folder that only this user can read (mode 0700), and removes it afterwards. */
export async function withPrivateFolder<T>(action: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), `at-agent-${process.pid}-`));
  try {
    return await action(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Removes the private folders that agents of this user left behind when they were killed, an hour ago or more. */
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
    // EPERM: another user's.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
