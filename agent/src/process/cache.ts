import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { access, constants, mkdir, readdir, readFile, realpath, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AlphaTensorError, messageOf, userFolder, whyNotOwn } from '@alphatensor-edge/shared';

/** Bounds the size of the cache. The least recently used files are removed first. */
const MAX_BYTES = 256 * 1024 * 1024;

/**
 * Gives the folder of compiled programs and of the ranking of BLAS libraries: ALPHATENSOR_CACHE_DIR, else
 * alphatensor-edge in the user's cache folder.
 */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return userFolder('cache', 'ALPHATENSOR_CACHE_DIR', env);
}

/**
 * Gives the file kept under `key` (a file name). If there is none, `build` writes it to the path it is given, and the
 * file is kept. A reader never sees a half-written file. What is kept is run, so it is kept as keys are: only in a
 * folder that nobody else can write to, and under the hash of its content, by which a file that was changed is known
 * and made anew. If two builders make the same key with different contents, one of them is used by all later readers.
 * @throws AlphaTensorError UNAVAILABLE if others can write to the folder
 */
export async function cachedFile(
  key: string,
  build: (path: string) => Promise<void>,
): Promise<{ path: string; cached: boolean }> {
  const folder = await ownFolder();
  const kept = await find(folder, key);
  if (kept !== undefined) {
    const now = new Date();
    await utimes(kept, now, now);
    return { path: kept, cached: true };
  }
  const unfinished = join(folder, `${key}.${process.pid}.new`);
  let path: string;
  try {
    await build(unfinished);
    path = join(folder, `${await hashOf(unfinished)}-${key}`);
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
  await evict(folder, path);
  return { path, cached: false };
}

/** Makes the folder of what is kept, and checks that it is this user's alone. @throws AlphaTensorError UNAVAILABLE */
export async function ownFolder(): Promise<string> {
  const folder = join(cacheFolder(), 'programs');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw cause;
    // Node calls a read-only file system ENOENT here.
    const reason = await access(existingPart(cacheFolder()), constants.W_OK).then(
      () => cause,
      (why) => why,
    );
    throw new AlphaTensorError(
      'UNAVAILABLE',
      `The cache ${folder} cannot be made (${messageOf(reason)}); name another folder in ALPHATENSOR_CACHE_DIR.`,
      { cause },
    );
  }
  // The cache may lie behind a link.
  for (const each of [await realpath(cacheFolder()), folder]) {
    const reason = whyNotOwn(each);
    if (reason === undefined) continue;
    throw new AlphaTensorError(
      'UNAVAILABLE',
      `The cache folder ${each} is not used, because what it holds is run and ${reason}; make it yours alone (chown, chmod go-w), or name another in ALPHATENSOR_CACHE_DIR.`,
    );
  }
  return folder;
}

/** Gives the deepest folder of a path that exists: the one in which the next could not be made. */
function existingPart(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : existingPart(dirname(path));
}

/** Finds the file of a key whose content is that under which it was kept. Others of the key are removed. */
async function find(folder: string, key: string): Promise<string | undefined> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(`-${key}`)).sort();
  for (const name of names) {
    const path = join(folder, name);
    const isKept = whyNotOwn(path) === undefined && (await hashOf(path).catch(() => '')) === name.slice(0, HASH_LENGTH);
    if (isKept) return path;
    await rm(path, { force: true });
  }
  return undefined;
}

const HASH_LENGTH = 32;

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256').update(await readFile(path));
  return hash.digest('hex').slice(0, HASH_LENGTH);
}

async function evict(folder: string, keep: string): Promise<void> {
  const files = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const path = join(folder, name);
      const found = await stat(path).catch(() => undefined);
      return { path, bytes: found?.size ?? 0, used: found?.mtimeMs ?? 0 };
    }),
  );
  let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { path, bytes } of files.sort((a, b) => a.used - b.used)) {
    if (total <= MAX_BYTES) return;
    if (path === keep) continue;
    await rm(path, { force: true });
    total -= bytes;
  }
}
