import { access, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Bounds the size of the cache. The least recently used files are removed first. */
const MAX_BYTES = 256 * 1024 * 1024;

/**
 * Gives the folder of compiled programs and of the ranking of BLAS libraries: ALPHATENSOR_CACHE_DIR, else
 * alphatensor-edge in the user's cache folder.
 */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.ALPHATENSOR_CACHE_DIR) return env.ALPHATENSOR_CACHE_DIR;
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'alphatensor-edge');
}

/**
 * Gives the file kept under `key` (a file name). If there is none, `build` writes it to the path it is given, and the
 * file is kept. A reader never sees a half-written file. If two builders make the same key, the later file stays.
 */
export async function cachedFile(
  key: string,
  build: (path: string) => Promise<void>,
): Promise<{ path: string; cached: boolean }> {
  const folder = join(cacheFolder(), 'programs');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, key);
  if (await exists(path)) {
    const now = new Date();
    await utimes(path, now, now);
    return { path, cached: true };
  }
  const unfinished = `${path}.${process.pid}.new`;
  try {
    await build(unfinished);
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
  await evict(folder, path);
  return { path, cached: false };
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

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
