import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { cpuFeatures, cpuModel } from '../device/cpu.js';
import { packageFile } from '../package-files.js';
import type { End } from '../process/end.js';
import { withPrivateFolder } from '../process/private-folder.js';
import { runProgram } from '../process/process.js';
import type { Compiled, CompileOptions, Compiler } from './backend.js';
import { compileCached, compilerEnvironment } from './compile.js';

/**
 * Holds the C files that are not generated: the harness with the portable GEMM, and the engines of generated programs.
 */
const NATIVE = packageFile('native');
const HARNESS_SOURCES = ['harness.c', 'blas.c', 'threads.c', 'portable.c', 'peak.c', 'matrices.c'];

const PROBE_SECONDS = 20;
const HARNESS_SECONDS = 120;

type CompilerProbe =
  | { readonly ok: true; readonly compiler: Compiler }
  | { readonly ok: false; readonly reason: string };

/** Lists the C compilers that the agent knows, by the name of their backend. */
export const C_COMPILERS: Readonly<Record<string, { readonly command: string; readonly fix: string }>> = {
  'c-gcc': { command: 'gcc', fix: 'install it, for example with "apt-get install gcc libc6-dev"' },
  'c-clang': { command: 'clang', fix: 'install it, for example with "apt-get install clang libc6-dev"' },
};

const probes = new Map<string, Promise<CompilerProbe>>();

/** Tells whether a backend's compiler works: it compiles a program, which is then run. Tried once for each process. */
export function probeCompiler(backend: string): Promise<CompilerProbe> {
  let probe = probes.get(backend);
  if (probe === undefined) {
    probe = tryCompiler(C_COMPILERS[backend]);
    probes.set(backend, probe);
  }
  return probe;
}

/** Gives the flags for the processor that this runs on. */
export function nativeFlags(command: string): string[] {
  const native = arch() === 'x64' ? ['-march=native'] : ['-mcpu=native'];
  // On Intel's processors clang splits AVX-512 vectors in two unless told not to, which halves the multiply-add peak.
  const whole = arch() === 'x64' && command === 'clang' ? ['-mprefer-vector-width=512'] : [];
  return ['-O3', ...native, ...whole, '-std=gnu11'];
}

async function tryCompiler({ command, fix }: { command: string; fix: string }): Promise<CompilerProbe> {
  const flags = nativeFlags(command);
  return withPrivateFolder(async (folder) => {
    const signal = new AbortController().signal;
    const run = (program: string, ...args: string[]): Promise<End> =>
      runProgram({
        command: program,
        args,
        cwd: folder,
        env: compilerEnvironment(folder),
        signal,
        deadlineSeconds: PROBE_SECONDS,
      });
    const version = await run(command, '--version');
    if (version.exitCode !== 0) return { ok: false, reason: `${command} is not installed; ${fix}.` };
    await writeFile(
      join(folder, 'probe.c'),
      '#include <math.h>\n#include <stdio.h>\nint main(void) { return puts("ok") < 0; }\n',
    );
    const compile = await run(command, ...flags, 'probe.c', '-o', 'probe', '-lm', '-ldl', '-lpthread');
    const ran = compile.exitCode === 0 ? await run(join(folder, 'probe')) : compile;
    if (ran.exitCode !== 0) {
      const why = ran.stderr.trim().split('\n')[0] || 'the compiled program does not run';
      if (compile.exitCode === 0) {
        return { ok: false, reason: `what ${command} compiles does not run here (${why}); see at-agent doctor` };
      }
      return { ok: false, reason: `${command} cannot compile a small program (${why}); ${fix}.` };
    }
    return { ok: true, compiler: { command, version: version.stdout.split('\n')[0].trim(), flags } };
  });
}

/**
 * Compiles a generated program to a shared object, or finds it in the cache.
 * @param native the folder of its headers, if they are not those of this version
 * @throws AlphaTensorError RESOURCE_EXHAUSTED if the disk is full
 */
export function compileProgram(
  compiler: Compiler,
  source: string,
  options: CompileOptions,
  native = NATIVE,
): Promise<Compiled> {
  const headers = programHeaders(native).map((path) => readFileSync(path, 'utf8'));
  const key = `${cacheKey(compiler, [source, ...headers])}.so`;
  return compileCached(compiler, key, options, async (folder) => {
    await writeFile(join(folder, 'program.c'), source);
    return ['-shared', '-fPIC', `-I${native}`, 'program.c'];
  });
}

/** Lists the paths of all headers that a generated program may include. */
export function programHeaders(native = NATIVE): string[] {
  const folders = [native, join(native, 'packed')].filter((folder) => existsSync(folder));
  return folders.flatMap((folder) => {
    const headers = readdirSync(folder).filter((file) => file.endsWith('.h'));
    return headers.sort().map((file) => join(folder, file));
  });
}

/**
 * Compiles the measuring child, once for each compiler and each version of its sources.
 * @throws AlphaTensorError INTERNAL with the compiler's message, RESOURCE_EXHAUSTED if the disk is full
 */
export async function compileHarness(compiler: Compiler, signal: AbortSignal): Promise<string> {
  const sources = readdirSync(NATIVE, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();
  const key = `${cacheKey(
    compiler,
    sources.map((file) => readFileSync(join(NATIVE, file), 'utf8')),
  )}.harness`;
  const options = { signal, deadlineSeconds: HARNESS_SECONDS };
  const compiled = await compileCached(compiler, key, options, async () => [
    ...HARNESS_SOURCES.map((file) => join(NATIVE, file)),
    '-lm',
    '-ldl',
    '-lpthread',
  ]);
  if (compiled.ok) return compiled.path;
  signal.throwIfAborted();
  throw new AlphaTensorError(
    'INTERNAL',
    `${compiler.command} cannot compile the agent's own measuring program: ${compiled.end.stderr.trim().slice(0, 2000)}`,
  );
}

/** Identifies a compiled file by its sources, compiler, flags and, because of -march=native, processor. */
export function cacheKey(compiler: Compiler, sources: readonly string[]): string {
  const parts = [compiler.command, compiler.version, ...compiler.flags, cpuModel(), cpuFeatures(), ...sources];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
