import { existsSync } from 'node:fs';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import Database from 'libsql';

/**
 * Locks `file` for this process until the lock is closed. The lock is an exclusive transaction on a database of its own, so the
 * system releases it however the process ends.
 * @throws AlphaTensorError RESOURCE_EXHAUSTED with the sentence `taken` if another process holds it
 */
export function takeLock(file: string, taken: string): { close(): void } {
  const lock = new Database(file);
  try {
    // Somebody who only looks whether it is taken holds it for less than a moment.
    lock.exec('PRAGMA busy_timeout = 200');
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw error;
    throw new AlphaTensorError('RESOURCE_EXHAUSTED', taken, { cause: error });
  }
}

/** Tells whether a process holds the lock on a file. It changes nothing. */
export function isLocked(file: string): boolean {
  if (!existsSync(file)) return false;
  const database = new Database(file, { readonly: true });
  try {
    database.prepare('SELECT count(*) FROM sqlite_master').get();
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    database.close();
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY';
}
