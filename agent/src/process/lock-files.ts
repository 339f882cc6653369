import { spawn } from 'node:child_process';
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '@alphatensor-edge/shared';
import { lockFolders } from './lock-folders.js';
import { type Holder, type LockWait, MAX_HOLDER_BYTES, ownHolder, parseHolder, type Release } from './lock-holder.js';

/** Names the file in each folder. All users of the host may lock it. */
const NAME = 'alphatensor-edge-measuring.lock';

/** Holds a lock file that is open, or says why it cannot be. */
export type OpenLock = { readonly path: string } & (
  | { readonly fd: number; readonly problem?: undefined }
  | { readonly fd?: undefined; readonly problem: string }
);

/**
 * Waits until this process has the lock (flock(2)) on the file in every folder that it can. The kernel frees such a
 * lock as soon as its holder is gone, and it reaches as far as the folder does: across users, versions of Node, network
 * namespaces, and containers that share the folder. Where no file can be locked, nothing is waited for: `lockReach`
 * says so.
 * @throws the reason of the signal
 */
export async function waitForFiles(wait: LockWait): Promise<Release> {
  const held: number[] = [];
  const release = (): void => {
    for (const fd of held.splice(0)) {
      describe(fd, '');
      closeSync(fd);
    }
  };
  try {
    for (const folder of lockFolders()) {
      const fd = await lockIn(folder, wait);
      if (fd === undefined) continue;
      held.push(fd);
      describe(fd, `${ownHolder()}\n`);
    }
    return release;
  } catch (error) {
    release();
    throw error;
  }
}

/** Locks the file of one folder. Undefined if it cannot be locked at all. */
async function lockIn(folder: string, { signal, onBusy }: LockWait): Promise<number | undefined> {
  for (;;) {
    signal.throwIfAborted();
    const { fd, path } = openLock(folder);
    if (fd === undefined) return undefined;
    try {
      let locked = await flock(fd, ['-n'], signal);
      if (locked === 'busy') {
        onBusy(readHolder(fd));
        locked = await flock(fd, [], signal);
      }
      signal.throwIfAborted();
      if (locked === 'failed') {
        closeSync(fd);
        return undefined;
      }
      // A cleaner of temporary files may have removed it, and another agent locked a new one.
      if (locked === 'locked' && isSame(fd, path)) return fd;
      closeSync(fd);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }
}

/** Opens the lock file of a folder, and makes it if there is none. */
export function openLock(folder: string): OpenLock {
  const path = join(folder, NAME);
  try {
    const fd = open(path);
    if (fstatSync(fd).isFile()) return { path, fd };
    closeSync(fd);
    return { path, problem: `${path} is not a file` };
  } catch (error) {
    return { path, problem: messageOf(error) };
  }
}

/**
 * Opens a file that another user may have made: it must not be a link, must not be waited for, and is made only if it
 * does not exist (in a folder such as /tmp, Linux refuses O_CREAT for what another user has made).
 */
function open(path: string): number {
  const { O_RDWR, O_RDONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;
  const safely = O_NOFOLLOW | O_NONBLOCK;
  for (const flags of [O_RDWR, O_RDWR | O_CREAT | O_EXCL, O_RDWR]) {
    try {
      const fd = openSync(path, flags | safely, 0o666);
      // The umask must not keep other users' agents out.
      if (flags & O_CREAT) fchmodSync(fd, 0o666);
      return fd;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      // It came or went meanwhile.
      if (code === 'ENOENT' || code === 'EEXIST') continue;
      // Locking needs no more than reading.
      if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return openSync(path, O_RDONLY | safely);
      throw error;
    }
  }
  return openSync(path, O_RDONLY | safely);
}

/**
 * Locks an open file with flock(1), which Node has no call for. The lock belongs to the open file, so it stays when
 * that program has ended.
 */
function flock(fd: number, options: readonly string[], signal: AbortSignal): Promise<'locked' | 'busy' | 'failed'> {
  return new Promise((resolve) => {
    const child = spawn('flock', ['-x', ...options, '3'], {
      stdio: ['ignore', 'ignore', 'ignore', fd],
      env: { PATH: `${process.env.PATH ?? ''}:/usr/bin:/bin` },
    });
    const stop = (): boolean => child.kill('SIGKILL');
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const end = (code: number | null): void => {
      signal.removeEventListener('abort', stop);
      resolve(code === 0 ? 'locked' : code === 1 ? 'busy' : 'failed');
    };
    child.once('error', () => end(null));
    // Whoever ended it has not said that the lock is free.
    child.once('close', (code, by) => end(by === null ? code : 1));
  });
}

/** Writes into the file who holds it, for those who wait. */
function describe(fd: number, text: string): void {
  try {
    // A further name of the file could be one of ours that another user wants to be overwritten.
    if (fstatSync(fd).nlink > 1) return;
    ftruncateSync(fd, 0);
    writeSync(fd, text, 0);
  } catch {
    // The file is another user's, or the disk is full. The lock holds nevertheless.
  }
}

function readHolder(fd: number): Holder | undefined {
  const bytes = Buffer.alloc(MAX_HOLDER_BYTES);
  return parseHolder(bytes.toString('utf8', 0, readSync(fd, bytes, 0, MAX_HOLDER_BYTES, 0)));
}

function isSame(fd: number, path: string): boolean {
  const [held, there] = [fstatSync(fd), statSync(path, { throwIfNoEntry: false })] as [Stats, Stats | undefined];
  return held.ino === there?.ino && held.dev === there.dev;
}

/** Holds what was found about one lock file. */
export interface ExaminedLock {
  readonly path: string;
  /** Why it cannot be used; empty if it can. */
  readonly problem: string;
  readonly held: boolean;
  /** Who holds it, if that is said. */
  readonly holder?: Holder | undefined;
}

/** Tells which files can be locked, and who holds them now. */
export function examineLocks(): Promise<ExaminedLock[]> {
  return Promise.all(lockFolders().map(examine));
}

async function examine(folder: string): Promise<ExaminedLock> {
  const { path, fd, problem } = openLock(folder);
  if (fd === undefined) return { path, problem, held: false };
  try {
    const state = await flock(fd, ['-n'], new AbortController().signal);
    if (state === 'failed') return { path, problem: 'there is no program flock (util-linux)', held: false };
    return state === 'busy'
      ? { path, problem: '', held: true, holder: readHolder(fd) }
      : { path, problem: '', held: false };
  } finally {
    closeSync(fd);
  }
}
