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
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (!(error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY')) throw error;
    throw new AlphaTensorError('RESOURCE_EXHAUSTED', taken, { cause: error });
  }
}
