import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AlphaTensorError, messageOf, type Size } from '@alphatensor-edge/shared';
import { takeLock } from '../fleet/file-lock.js';
import { MEASUREMENTS_FILE } from '../fleet/measurement-store.js';

/** Names the file that says what a run was started with; see config.ts. A folder that has it holds a run. */
export const CONFIG = 'config.json';
/** Names the lock that a running process holds. */
export const LOCK = 'run.lock';

/** Names a folder for a run, after its size or its command: `runs/2026-11-23-2x2x2`. If that exists, it adds a number. */
export function defaultRunDir(what: Size | string, now = new Date()): string {
  const about = typeof what === 'string' ? what : `${what.n}x${what.m}x${what.p}`;
  const name = join('runs', `${now.toISOString().slice(0, 10)}-${about}`);
  for (let number = 1; ; number++) {
    const path = number === 1 ? name : `${name}-${number}`;
    if (!existsSync(path)) return path;
  }
}

/**
 * Makes the folder of a new run.
 * @throws AlphaTensorError INVALID_ARGUMENT if the folder is not empty, RESOURCE_EXHAUSTED if it cannot be written
 */
export function createRunFolder(runDir: string): void {
  if (existsSync(runDir) && !readdirSync(runDir).every((name) => isOfNoRun(runDir, name))) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `${runDir} is not empty; continue its run with --resume, or choose another --run-dir.`,
      { field: '--run-dir' },
    );
  }
  writing(runDir, () => mkdirSync(runDir, { recursive: true }));
}

/**
 * Tells whether the entry was left by a run that could not begin. Before its config.json, a run makes only empty folders, locks and an
 * empty store.
 */
function isOfNoRun(runDir: string, name: string): boolean {
  if (existsSync(join(runDir, CONFIG))) return false;
  if ([MEASUREMENTS_FILE, LOCK, 'state.json'].some((own) => name.startsWith(own))) return true;
  const path = join(runDir, name);
  return statSync(path).isDirectory() && readdirSync(path).length === 0;
}

/**
 * Locks the run, so that no other process writes to it, until the lock is released or this process ends.
 * @throws AlphaTensorError RESOURCE_EXHAUSTED if another process holds the lock, or if the folder cannot be written
 */
export function lockRunFolder(runDir: string): { release: () => void } {
  return writing(runDir, () => {
    const lock = takeLock(
      join(runDir, LOCK),
      `Another process is running in ${runDir}; wait for it to end or use another --run-dir.`,
    );
    return { release: () => lock.close() };
  });
}

/** Writes to the run folder; an error says what to do. @throws AlphaTensorError RESOURCE_EXHAUSTED if the folder cannot be written */
export function writing<T>(runDir: string, write: () => T): T {
  try {
    return write();
  } catch (cause) {
    if (cause instanceof AlphaTensorError) throw cause;
    throw new AlphaTensorError(
      'RESOURCE_EXHAUSTED',
      `${runDir} cannot be written (${messageOf(cause)}); free space or choose another --run-dir.`,
      { cause },
    );
  }
}
