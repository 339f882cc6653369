import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AlphaTensorError, messageOf, type Size } from '@alphatensor-edge/shared';
import { takeLock } from '../fleet/file-lock.js';
import { MEASUREMENTS_FILE } from '../fleet/measurement-store.js';

/** What a run was started with: where it lies, there is a run; see config.ts. */
export const CONFIG = 'config.json';
const LOCK = 'run.lock';

/** Names the folder of a run that was given none, after its size or its command: `runs/2026-11-23-2x2x2`, numbered if that one exists. */
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
 * @throws AlphaTensorError INVALID_ARGUMENT if it holds something already, RESOURCE_EXHAUSTED if it cannot be written
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

/** Tells whether it is what a run makes before its config.json, and leaves where it could not begin: empty folders, locks, an empty store. */
function isOfNoRun(runDir: string, name: string): boolean {
  if (existsSync(join(runDir, CONFIG))) return false;
  if (name.startsWith(MEASUREMENTS_FILE) || name.startsWith(LOCK)) return true;
  const path = join(runDir, name);
  return statSync(path).isDirectory() && readdirSync(path).length === 0;
}

/**
 * Keeps other processes from writing to the run, for as long as this one lives and until it is released.
 * @throws AlphaTensorError RESOURCE_EXHAUSTED if another process writes to it
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

/** Writes to the run folder; says what to do where that fails. @throws AlphaTensorError RESOURCE_EXHAUSTED */
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
