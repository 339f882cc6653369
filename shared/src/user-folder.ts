import { mkdtempSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { AlphaTensorError, messageOf } from './errors.js';

/** Names where each kind of folder lies in a user's home, and the variable that moves it (XDG Base Directory Specification). */
const KINDS = {
  cache: { variable: 'XDG_CACHE_HOME', below: '.cache' },
  config: { variable: 'XDG_CONFIG_HOME', below: '.config' },
  data: { variable: 'XDG_DATA_HOME', below: '.local/share' },
  state: { variable: 'XDG_STATE_HOME', below: '.local/state' },
} as const;

/**
 * Gives this product's folder of a kind: the one that a variable of ours names, else the one of the XDG base directories. A
 * variable that is empty counts as not set, and a relative path in XDG's does, as their specification says.
 * @param own the variable of ours
 * @throws AlphaTensorError UNAVAILABLE if none of them is set and the user has no home
 */
export function userFolder(kind: keyof typeof KINDS, own: string, env: NodeJS.ProcessEnv = process.env): string {
  const named = env[own];
  if (named) return resolve(named);
  const { variable, below } = KINDS[kind];
  const base = env[variable];
  if (base && isAbsolute(base)) return join(base, 'alphatensor-edge');
  const home = homeOf(env);
  if (home !== undefined) return join(home, below, 'alphatensor-edge');
  throw new AlphaTensorError(
    'UNAVAILABLE',
    `There is no home folder: HOME is not set, and the system does not know user ${process.getuid?.()}; set HOME or ${own}.`,
    { field: own },
  );
}

/** Finds the user's home. Undefined if there is none, as for a user id of a container that no file lists. */
function homeOf(env: NodeJS.ProcessEnv): string | undefined {
  if (env.HOME) return resolve(env.HOME);
  try {
    return userInfo().homedir || undefined;
  } catch {
    return undefined;
  }
}

/**
 * Makes a folder for temporary files that only this user can read.
 * @throws AlphaTensorError UNAVAILABLE naming TMPDIR; what the system says if the disk is full
 */
export function temporaryFolder(prefix: string): string {
  try {
    return mkdtempSync(join(tmpdir(), prefix));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw cause;
    throw new AlphaTensorError(
      'UNAVAILABLE',
      `There is no place for temporary files in ${tmpdir()} (${messageOf(cause)}); set TMPDIR to a folder that can be written to.`,
      { field: 'TMPDIR', cause },
    );
  }
}
