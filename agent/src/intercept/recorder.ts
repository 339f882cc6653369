import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import type { Compiler } from '../backends/backend.js';
import { C_COMPILERS, cacheKey, probeCompiler } from '../backends/c-compiler.js';
import { compileCached } from '../backends/compile.js';
import { packageFile } from '../package-files.js';

/** Holds the sources of the BLAS of products; without an algorithm they are the recorder. */
const SOURCES = packageFile('library/blas');
const COMPILE_SECONDS = 120;

/**
 * Gives a C compiler that works on this device.
 * @throws AlphaTensorError UNAVAILABLE with what to install
 */
export async function anyCompiler(): Promise<Compiler> {
  const reasons: string[] = [];
  for (const backend of Object.keys(C_COMPILERS)) {
    const probe = await probeCompiler(backend);
    if (probe.ok) return probe.compiler;
    reasons.push(probe.reason);
  }
  throw new AlphaTensorError('UNAVAILABLE', `This needs a C compiler: ${reasons.join(' ')}`);
}

/**
 * Compiles the library that writes down what a program multiplies, or finds it in the cache.
 * @throws AlphaTensorError UNAVAILABLE without a compiler; INTERNAL with the compiler's message
 */
export async function recorderLibrary(signal: AbortSignal): Promise<string> {
  const compiler = await anyCompiler();
  const files = readdirSync(SOURCES).sort();
  const texts = files.map((file) => readFileSync(join(SOURCES, file), 'utf8'));
  const key = `${cacheKey(compiler, texts)}.recorder.so`;
  const limits = { signal, deadlineSeconds: COMPILE_SECONDS };
  const compiled = await compileCached(compiler, key, limits, async () => [
    ...['-fPIC', '-fvisibility=hidden', '-pthread', '-shared', '-DFASTMM_RECORDER'],
    ...['-Wl,-Bsymbolic', '-Wl,-z,nodelete', `-Wl,--version-script=${join(SOURCES, 'recorder.map')}`],
    ...files.filter((file) => file.endsWith('.c')).map((file) => join(SOURCES, file)),
    ...['-ldl', '-lm'],
  ]);
  if (compiled.ok) return compiled.path;
  signal.throwIfAborted();
  throw new AlphaTensorError(
    'INTERNAL',
    `${compiler.command} cannot compile the library that watches products: ${compiled.end.stderr.trim().slice(0, 2000)}`,
  );
}
