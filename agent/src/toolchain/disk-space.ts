import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { cacheFolder } from './cache.js';

/** A compiler that cannot map the file it writes is killed and says nothing: then this little free space says it. */
const MIN_FREE_BYTES = 2 ** 20;
const SAYS_SO = /No space left on device|Disk quota exceeded/;

/**
 * What a failed compiler means where the disk was full: nothing about the program, and the job may succeed later.
 * @param output of the compiler, with LC_ALL=C
 * @returns RESOURCE_EXHAUSTED; undefined where there was space
 */
export async function diskFull(output: string): Promise<AlphaTensorError | undefined> {
  const folders = [tmpdir(), cacheFolder()];
  if (!SAYS_SO.test(output) && (await Promise.all(folders.map(freeBytes))).every((free) => free >= MIN_FREE_BYTES)) {
    return undefined;
  }
  return new AlphaTensorError(
    'RESOURCE_EXHAUSTED',
    `The agent's disk is full, so that nothing can be compiled; free space for ${folders.join(' and ')}.`,
  );
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
