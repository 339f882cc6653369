import { AlphaTensorError } from '@alphatensor-edge/shared';
import { cachedFile } from '../process/cache.js';
import { diskFull } from '../process/disk-space.js';
import type { End } from '../process/end.js';
import { withPrivateFolder } from '../process/private-folder.js';
import { runProgram } from '../process/process.js';
import type { Compiled, CompileOptions, Compiler } from './backend.js';

/** Bounds the memory of one compiler process, KiB, so that a hostile source cannot use up the device's. */
const MAX_COMPILER_KIBIBYTES = 4 * 1024 * 1024;

/**
 * Runs a compiler in a private folder, unless its result is in the cache. `prepare` writes the sources and gives the
 * arguments.
 */
export async function compileCached(
  compiler: Compiler,
  key: string,
  { signal, deadlineSeconds }: CompileOptions,
  prepare: (folder: string) => Promise<string[]>,
): Promise<Compiled> {
  let end: End | undefined;
  const failed = new AlphaTensorError('INTERNAL', 'The compiler failed.');
  try {
    const { path, cached } = await cachedFile(key, (output) =>
      withPrivateFolder(async (folder) => {
        const args = [...compiler.flags, '-o', output, ...(await prepare(folder))];
        end = await runProgram({
          // These limits still hold if the agent is killed and cannot stop the compiler.
          command: '/bin/sh',
          args: [
            '-c',
            // A limit that cannot be raised is stricter already.
            'ulimit -t "$1" 2>/dev/null; ulimit -v "$2" 2>/dev/null; shift 2; exec "$@"',
            'sh',
            String(Math.ceil(deadlineSeconds) + 1),
            String(MAX_COMPILER_KIBIBYTES),
            compiler.command,
            ...args,
          ],
          cwd: folder,
          env: compilerEnvironment(folder),
          signal,
          deadlineSeconds,
        });
        if (end.reason === 'exited' && end.exitCode !== 0) throw (await diskFull(end.stderr)) ?? failed;
        if (end.exitCode !== 0) throw failed;
      }),
    );
    return { ok: true, path, cached, seconds: end?.seconds ?? 0 };
  } catch (error) {
    if (error === failed && end !== undefined) return { ok: false, end };
    throw error;
  }
}

/** Makes the environment that a compiler needs. */
export function compilerEnvironment(folder: string): Record<string, string> {
  return { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TMPDIR: folder, HOME: folder };
}
