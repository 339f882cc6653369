import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../../../agent/src/backends/backend.js';
import { findBackend, findToolchain } from '../../../../agent/src/backends/backends.js';
import { VARIANTS } from '../../../../agent/src/codegen/c/variant.js';
import { timeBlas } from '../../../../agent/src/doctor/time-blas.js';
import { tryBackend } from '../../../../agent/src/doctor/try-backend.js';
import { allowedCpus } from '../../../../shared/src/index.js';

// What the doctor finds by trying: a real compiler, one that compiles wrongly, real and broken libraries.

const never = new AbortController().signal;

function backend(name: string): Backend {
  const found = findBackend(name);
  if (found === undefined) throw new Error(`there is no backend ${name}`);
  return found;
}

/** Multiplies rightly and then spoils one element. */
const WRONG_PROGRAM = `
#include "candidate.h"
static size_t workspace_bytes(size_t m, size_t k, size_t n) { return m * k * n * 0; }
static void multiply(const at_runtime *runtime, size_t m, size_t k, size_t n, const void *a, size_t lda, const void *b,
                     size_t ldb, void *c, size_t ldc, void *workspace) {
  (void)workspace;
  runtime->sgemm(m, n, k, 1, a, lda, b, ldb, c, ldc);
  ((float *)c)[2 * ldc + 1] += 1;
}
const at_program_t at_program = {AT_ABI_VERSION, sizeof(float), workspace_bytes, multiply};
`;

let folder: string;
let path: string | undefined;
let gcc: string | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'at-doctor-'));
  process.env.ALPHATENSOR_CACHE_DIR = join(folder, 'cache');
  try {
    gcc = execFileSync('/bin/sh', ['-c', 'command -v gcc'], { encoding: 'utf8' }).trim();
  } catch {
    return;
  }
  // A "gcc" that works, but whose candidates multiply wrongly. (A generated program is called program.c.)
  writeFileSync(join(folder, 'wrong.c'), WRONG_PROGRAM);
  const script = `#!/bin/sh\nif [ -f program.c ]; then cp ${folder}/wrong.c program.c; fi\nexec ${gcc} "$@"\n`;
  writeFileSync(join(folder, 'gcc'), script);
  chmodSync(join(folder, 'gcc'), 0o755);
  path = process.env.PATH;
  process.env.PATH = `${folder}:${path}`;
});
afterAll(() => {
  if (path !== undefined) process.env.PATH = path;
  delete process.env.ALPHATENSOR_CACHE_DIR;
  rmSync(folder, { recursive: true });
});

describe('trying a backend', () => {
  it('finds a compiler whose programs come out wrong, which a probe does not', async (context) => {
    context.skip(gcc === undefined, 'gcc is not installed');
    const { finding, toolchain } = await tryBackend(backend('c-gcc'), never);
    expect(toolchain).toBeDefined();
    expect(finding.problem).toContain('row 2, column 1');
    expect(finding.programs[0]).toMatchObject({ dtype: 'f32', relativeError: null, problem: finding.problem });
  }, 60_000);

  it('runs programs of both formats, freshly compiled every time, and leaves none of them behind', async (context) => {
    const { finding } = await tryBackend(backend('c-clang'), never);
    context.skip(finding.compiler === '', finding.problem);
    const kept = (): string[] => readdirSync(join(folder, 'cache', 'programs')).filter((name) => name.endsWith('.so'));
    expect(kept()).toEqual([]);
    const again = await tryBackend(backend('c-clang'), never);
    expect(kept()).toEqual([]);
    for (const { programs, problem } of [finding, again.finding]) {
      expect(problem).toBe('');
      expect(programs.map(({ variant, dtype }) => `${variant} ${dtype}`)).toEqual(
        VARIANTS.flatMap((variant) => [`${variant} f32`, `${variant} f64`]),
      );
      for (const { compileSeconds, relativeError } of programs) {
        expect(compileSeconds).toBeGreaterThan(0);
        expect(relativeError).toBeLessThan(1e-6);
      }
    }
  }, 60_000);

  it('stops when it is told to', async () => {
    await expect(tryBackend(backend('c-clang'), AbortSignal.abort())).rejects.toThrow();
  });
});

describe('timing a library', () => {
  it('gives rate, peak and threads for both formats on one thread, and for all CPUs', async (context) => {
    const probe = await findToolchain('c-clang', never);
    if (!probe.ok) return context.skip(probe.reason);
    const { harness, blas } = probe.toolchain;
    const cpus = allowedCpus().length;
    const { introduction, timings, problem } = await timeBlas(harness, blas[0], cpus, never);
    expect(problem).toBe('');
    expect(introduction).toMatchObject({ name: blas[0].name, version: blas[0].version });
    expect(timings.map(({ dtype, threadsAllowed }) => [dtype, threadsAllowed])).toEqual([
      ['f32', 1],
      ['f64', 1],
      ...(cpus > 1 ? [['f32', cpus]] : []),
    ]);
    for (const { gflops, peakGflops, threadsUsed, threadsAllowed } of timings) {
      expect(gflops).toBeGreaterThan(0);
      expect(peakGflops).toBeGreaterThan(0);
      expect(threadsUsed).toBeGreaterThan(0);
      // Processor time is counted a little after the wall clock has been read.
      expect(threadsUsed).toBeLessThan(threadsAllowed + 0.2);
    }
  }, 60_000);

  it('says of a file that is no library that it cannot be loaded', async (context) => {
    const probe = await findToolchain('c-clang', never);
    if (!probe.ok) return context.skip(probe.reason);
    writeFileSync(join(folder, 'libopenblas.so'), 'no library');
    const { timings, introduction, problem } = await timeBlas(
      probe.toolchain.harness,
      { library: join(folder, 'libopenblas.so') },
      1,
      never,
    );
    expect({ timings, introduction }).toEqual({ timings: [], introduction: undefined });
    expect(problem).toContain('libopenblas.so');
  });
});
