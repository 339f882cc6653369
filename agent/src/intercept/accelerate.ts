import { join, resolve } from 'node:path';
import { withPrivateFolder } from '../process/private-folder.js';
import { type Gain, gainOf } from './gain.js';
import type { BlasLibrary } from './library-record.js';
import { preloadable } from './preload.js';
import { readProcessProfiles } from './process-profile.js';
import { type CommandEnd, runCommand } from './run-command.js';

/**
 * Runs a command with a BLAS of products before its own.
 * @param sample every so-manieth taken product of a kind, and the second, is computed by the BLAS as well; 0: none
 * @throws AlphaTensorError as runCommand and readProcessProfiles
 */
export async function accelerateCommand(
  command: readonly string[],
  { path, prefix }: BlasLibrary,
  sample: number,
): Promise<{ gain: Gain; end: CommandEnd }> {
  return withPrivateFolder(async (folder) => {
    const environment = {
      [`${prefix}_PROFILE`]: join(folder, '%p.json'),
      ...(sample > 0 && { [`${prefix}_SAMPLE`]: String(sample) }),
    };
    const end = await runCommand(command, preloadable(resolve(path), folder), environment);
    return { end, gain: gainOf(readProcessProfiles(folder)) };
  });
}
