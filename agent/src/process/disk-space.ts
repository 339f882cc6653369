import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { cacheFolder } from './cache.js';

/**
 * The free space below which the disk counts as full. A compiler that cannot map its output file is killed
 * without a message, so the free space has to tell.
 */
const MIN_FREE_BYTES = 2 ** 20;
const SAYS_SO = /No space left on device|Disk quota exceeded/;

/**
 * Tells a failed compilation from a full disk. A full disk says nothing about the program, and the job may succeed
 * later.
 * @param output of the compiler, with LC_ALL=C
 * @returns RESOURCE_EXHAUSTED; undefined if there was space
 */
export async function diskFull(output: string): Promise<AlphaTensorError | undefined> {
  const isFull =
    SAYS_SO.test(output) || (await Promise.all(folders().map(freeBytes))).some((free) => free < MIN_FREE_BYTES);
  return isFull ? exhausted() : undefined;
}

/** Gives RESOURCE_EXHAUSTED if the error says that the disk is full, else the error itself. */
export function orDiskFull(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOSPC' || code === 'EDQUOT' ? exhausted(error) : error;
}

function exhausted(cause?: unknown): AlphaTensorError {
  return new AlphaTensorError(
    'RESOURCE_EXHAUSTED',
    `The agent's disk is full, so nothing can be measured; free space for ${folders().join(' and ')}.`,
    { cause },
  );
}

function folders(): string[] {
  return [tmpdir(), cacheFolder()];
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
