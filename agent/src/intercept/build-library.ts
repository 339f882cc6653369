import { createHash } from 'node:crypto';
import { copyFile, mkdir, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AlphaTensorError, usableThreads } from '@alphatensor-edge/shared';
import writeFileAtomic from 'write-file-atomic';
import type { Compiler } from '../backends/backend.js';
import { C_COMPILERS, probeCompiler } from '../backends/c-compiler.js';
import { compilerEnvironment } from '../backends/compile.js';
import { cacheSizes, cpuModel } from '../device/cpu.js';
import { deviceId, stateFolder } from '../device/device-id.js';
import { dispatchLibrary } from '../export/dispatch-library.js';
import { readDispatch } from '../export/read-dispatch.js';
import { DEFAULT_LIBRARY_NAME } from '../export/write-c-library.js';
import { writeLibrary } from '../export/write-library.js';
import { diskFull } from '../process/disk-space.js';
import { withPrivateFolder } from '../process/private-folder.js';
import { runProgram } from '../process/process.js';
import { AGENT_VERSION } from '../version.js';
import {
  type BlasLibrary,
  LIBRARY_FILE,
  type LibraryRecord,
  librariesFolder,
  openLibrary,
  recordFile,
} from './library-record.js';
import { anyCompiler } from './recorder.js';

const BUILD_SECONDS = 1800;
/** The bound on the workspace of an exported library, as a multiple of A, B and C. */
const WORKSPACE_TIMES = 1;

/**
 * Builds the BLAS of products of a dispatch table and keeps it for this device, one for each compiler and baseline.
 * @throws AlphaTensorError as readDispatch; INVALID_ARGUMENT for a table of another device or without an algorithm; UNAVAILABLE
 * without make or a compiler; INTERNAL with the compiler's message; CANCELLED
 */
export async function buildLibrary(file: string, signal: AbortSignal): Promise<BlasLibrary> {
  const { device, backend, ...dispatch } = await readDispatch(file);
  const own = { id: deviceId(stateFolder()), cpu: cpuModel() };
  if (device?.deviceId !== undefined && device.deviceId !== own.id) {
    throw refused(`${file} was tuned on another device (${device.cpuModel ?? device.deviceId}); tune on this one`);
  }
  const winners = dispatch.rules.flatMap(({ fast, accurate }) => [fast ?? [], accurate ?? []].flat());
  if (winners.length === 0) {
    throw refused(`${file} has no algorithm: the BLAS was the fastest for every problem, so there is nothing to gain`);
  }
  const compiler = await compilerOf(backend);
  const against = [...new Set(winners.map(({ winner }) => winner.against))].sort();
  const hash = createHash('sha256').update(JSON.stringify([own, compiler.command, compiler.version, against]));
  const folder = join(librariesFolder(), hash.digest('hex').slice(0, 16));
  const path = join(folder, LIBRARY_FILE);
  const record: LibraryRecord = {
    ...{ format: 'alphatensor-blas-library', version: 1, createdAt: new Date().toISOString(), device: own },
    ...{ compiler: compiler.version, against, dispatch: resolve(file), problems: dispatch.rules.length },
    taken: dispatch.rules.filter(({ fast, accurate }) => fast !== undefined || accurate !== undefined).length,
  };
  await withPrivateFolder(async (sources) => {
    const files = dispatchLibrary({
      ...dispatch,
      ...{ name: DEFAULT_LIBRARY_NAME, isa: 'auto', workspaceTimes: WORKSPACE_TIMES },
      ...{ caches: cacheSizes(), version: AGENT_VERSION },
    });
    await writeLibrary(sources, files);
    await makeBlas(sources, compiler, signal);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // Programs may be running with the earlier one.
    await copyFile(join(sources, 'build-blas', LIBRARY_FILE), `${path}.new`);
    await rename(`${path}.new`, path);
    await writeFileAtomic(recordFile(path), `${JSON.stringify(record, null, 2)}\n`);
  });
  return openLibrary(path);
}

/** Gives the compiler that the table's programs were measured with, else any. */
async function compilerOf(backend: string): Promise<Compiler> {
  if (!Object.hasOwn(C_COMPILERS, backend)) return anyCompiler();
  const probe = await probeCompiler(backend);
  if (probe.ok) return probe.compiler;
  throw new AlphaTensorError('UNAVAILABLE', `The table was tuned with another compiler: ${probe.reason}`);
}

/**
 * Builds the BLAS of products in the folder of an exported library, under build-blas.
 * @throws AlphaTensorError UNAVAILABLE without make; INTERNAL with the compiler's message; CANCELLED; TIMEOUT
 */
export async function makeBlas(folder: string, compiler: Compiler, signal: AbortSignal): Promise<void> {
  const end = await runProgram({
    command: 'make',
    args: [`-j${usableThreads()}`, `CC=${compiler.command}`, 'blas'],
    cwd: folder,
    env: compilerEnvironment(folder),
    signal,
    deadlineSeconds: BUILD_SECONDS,
  });
  if (end.exitCode === 0) return;
  if (signal.aborted) throw new AlphaTensorError('CANCELLED', 'The library was not built to its end.');
  if (end.reason === 'deadline')
    throw new AlphaTensorError('TIMEOUT', `The library was not built within ${BUILD_SECONDS} s.`);
  if (end.exitCode === null && end.signal === null) {
    throw new AlphaTensorError('UNAVAILABLE', 'This needs make; install it, for example with "apt-get install make".');
  }
  throw (
    (await diskFull(end.stderr)) ??
    new AlphaTensorError(
      'INTERNAL',
      `${compiler.command} cannot compile the library: ${end.stderr.trim().slice(0, 2000)}`,
    )
  );
}

function refused(why: string): AlphaTensorError {
  return new AlphaTensorError('INVALID_ARGUMENT', `${why}.`, { field: '--dispatch' });
}
