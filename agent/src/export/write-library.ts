import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AlphaTensorError, messageOf } from '@alphatensor-edge/shared';

/**
 * Refuses a folder that is not empty, before any work is done.
 * @param isForced accepts files in the folder; those of a library are overwritten
 * @throws AlphaTensorError INVALID_ARGUMENT
 */
export async function requireFreeFolder(folder: string, isForced: boolean): Promise<void> {
  const present = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `${folder} cannot be written to (${messageOf(error)}); name another folder.`,
      { field: '--out', cause: error },
    );
  });
  if (present.length === 0 || isForced) return;
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    `${folder} is not empty; name another folder, or overwrite the library's files in it with --force.`,
    { field: '--out' },
  );
}

/**
 * Writes the files of a library.
 * @throws AlphaTensorError RESOURCE_EXHAUSTED if the files cannot be written
 */
export async function writeLibrary(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  try {
    for (const [name, text] of files) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
  } catch (error) {
    throw new AlphaTensorError(
      'RESOURCE_EXHAUSTED',
      `The library cannot be written to ${folder} (${messageOf(error)}); free space or name another folder.`,
      { cause: error },
    );
  }
}
