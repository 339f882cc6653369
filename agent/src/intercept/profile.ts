import { arch, availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { GemmProfile } from '@alphatensor-edge/shared';
import { cpuModel } from '../device/cpu.js';
import { deviceId, stateFolder } from '../device/device-id.js';
import { withPrivateFolder } from '../process/private-folder.js';
import { requireInterceptable } from './executable.js';
import { mergeProfiles } from './merge.js';
import { preloadable } from './preload.js';
import { readProcessProfiles } from './process-profile.js';
import { recorderLibrary } from './recorder.js';
import { type CommandEnd, runCommand } from './run-command.js';

/**
 * Runs a command and writes down which products it makes, in all its processes.
 * @throws AlphaTensorError as requireInterceptable, recorderLibrary, runCommand and readProcessProfiles
 */
export async function profileCommand(command: readonly string[]): Promise<{ profile: GemmProfile; end: CommandEnd }> {
  requireInterceptable(command[0]);
  const device = { id: deviceId(stateFolder()), cpu: cpuModel(), architecture: arch(), cpus: availableParallelism() };
  const library = await recorderLibrary(new AbortController().signal);
  return withPrivateFolder(async (folder) => {
    const end = await runCommand(command, preloadable(library, folder), { FASTMM_PROFILE: join(folder, '%p.json') });
    const createdAt = new Date().toISOString();
    return { end, profile: mergeProfiles(readProcessProfiles(folder), { command, device, createdAt }) };
  });
}
