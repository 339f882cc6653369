import { randomUUID } from 'node:crypto';
import { access, constants, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AlphaTensorError, messageOf, temporaryFolder } from '@alphatensor-edge/shared';
import { cacheFolder, ownFolder } from './cache.js';
import { orDiskFull } from './disk-space.js';
import { runProgram } from './process.js';

/** Tells what is wrong with a folder that measuring needs. */
export interface FolderFinding {
  readonly folder: string;
  /** Why it cannot be used, a sentence that names the variable to change; empty if it can. */
  readonly problem: string;
}

/** Examines the folder for temporary files: programs are compiled, and the compiler's probe is run, there. */
export async function examineTemporary(): Promise<FolderFinding> {
  return finding(tmpdir(), async () => {
    const folder = temporaryFolder('at-agent-probe-');
    try {
      await requireRunnable(folder, tmpdir(), 'TMPDIR');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

/** Examines the cache, in which compiled programs are kept and run. */
export async function examineCache(): Promise<FolderFinding> {
  return finding(cacheFolder(), async () => {
    const folder = await ownFolder();
    await access(folder, constants.W_OK).catch((error) => {
      throw new AlphaTensorError(
        'UNAVAILABLE',
        `The cache ${folder} cannot be written to (${messageOf(error)}); name another folder in ALPHATENSOR_CACHE_DIR.`,
      );
    });
    await requireRunnable(folder, folder, 'ALPHATENSOR_CACHE_DIR');
  });
}

/**
 * Requires all that compiling and running programs needs of the file system.
 * @throws AlphaTensorError UNAVAILABLE with a sentence that names the variable to change, RESOURCE_EXHAUSTED if the disk is full
 */
export async function requireFolders(): Promise<void> {
  for (const { problem } of [await examineTemporary(), await examineCache()]) {
    if (problem !== '') throw new AlphaTensorError('UNAVAILABLE', problem);
  }
}

/** @throws AlphaTensorError RESOURCE_EXHAUSTED if the disk is full, which is no property of the folder */
async function finding(folder: string, examine: () => Promise<void>): Promise<FolderFinding> {
  try {
    await examine();
    return { folder, problem: '' };
  } catch (thrown) {
    const error = orDiskFull(thrown);
    if (error instanceof AlphaTensorError && error.code === 'RESOURCE_EXHAUSTED') throw error;
    return { folder, problem: messageOf(error) };
  }
}

/** Runs a small script there, which a file system that is mounted with noexec does not allow. */
async function requireRunnable(folder: string, named: string, variable: string): Promise<void> {
  // Two of these may go on at once, and a script that is being written cannot be run.
  const script = join(folder, `probe-${randomUUID()}`);
  try {
    await writeFile(script, '#!/bin/sh\nexit 0\n', { mode: 0o700 });
    const { exitCode, stderr } = await runProgram({
      command: script,
      args: [],
      cwd: '/',
      env: {},
      signal: new AbortController().signal,
      deadlineSeconds: 20,
    });
    if (exitCode === 0) return;
    throw new AlphaTensorError(
      'UNAVAILABLE',
      `No program can be run in ${named} (${stderr.trim() || 'it ended at once'}), as on a file system that is mounted noexec; ` +
        `set ${variable} to a folder in which programs can run.`,
    );
  } finally {
    await rm(script, { force: true });
  }
}
