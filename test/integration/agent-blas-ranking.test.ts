import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileHarness, probeCompiler } from '../../agent/src/backends/c-compiler.js';
import { rankAgain, rankLibraries } from '../../agent/src/blas/ranking.js';
import { pickCpus } from '../../agent/src/device/cpu.js';
import { type BlasToLoad, withHarness } from '../../agent/src/process/harness.js';

// The ranking with libraries that only wait: ten times as long with one setting as with the other, which is no noise.

const SOURCE = `
#include <stdlib.h>
#include <string.h>
#include <time.h>
static int told(void) {
  const char *type = getenv("OPENBLAS_CORETYPE");
  return type != NULL && strcmp(type, "Haswell") == 0;
}
const char *openblas_get_config(void) {
  return told() && OBEYS ? "OpenBLAS 9.9 DYNAMIC_ARCH Haswell MAX_THREADS=1" : "OpenBLAS 9.9 DYNAMIC_ARCH Prescott MAX_THREADS=1";
}
static void multiply(int factor) {
  if (told() && DIES) abort();
  clock_t end = clock() + factor * (told() ? TOLD_MS : UNTOLD_MS) * (CLOCKS_PER_SEC / 1000);
  while (clock() < end) {}
}
void cblas_sgemm(void) { multiply(1); }
void cblas_dgemm(void) { multiply(DOUBLE_FACTOR); }
`;

const signal = new AbortController().signal;
let folder: string;
let harness: string | undefined;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'at-ranking-'));
  writeFileSync(join(folder, 'blas.c'), SOURCE);
  const probe = await probeCompiler('c-gcc');
  if (probe.ok) harness = await compileHarness(probe.compiler, signal);
});
afterAll(() => rmSync(folder, { recursive: true }));

function library(
  name: string,
  milliseconds: { untold: number; told: number },
  { obeys = true, dies = false, doubleFactor = 1 } = {},
) {
  const path = join(folder, `libopenblas-${name}.so`);
  const macros = {
    UNTOLD_MS: milliseconds.untold,
    TOLD_MS: milliseconds.told,
    OBEYS: Number(obeys),
    DIES: Number(dies),
    DOUBLE_FACTOR: doubleFactor,
  };
  const defined = Object.entries(macros).map(([macro, value]) => `-D${macro}=${value}`);
  execFileSync('gcc', ['-shared', '-fPIC', '-o', path, ...defined, join(folder, 'blas.c')]);
  return path;
}

function configurationOf(blas: BlasToLoad): Promise<string> {
  const limits = { memoryBytes: 2 ** 31, cpuSeconds: 10, startSeconds: 30 };
  const dimensions = { m: 8, k: 8, n: 8 };
  return withHarness(
    { ...limits, harness: harness!, blas, dimensions, dtype: 'f32', seed: 0, cpus: pickCpus(1), programs: {}, signal },
    async (child) => (await child.introduction()).configuration,
  );
}

describe('the ranking', () => {
  it('takes each library with the setting under which it is fastest, which children then run', async (context) => {
    if (harness === undefined) return context.skip('gcc is not installed');
    const paths = [
      library('best-untold', { untold: 5, told: 50 }),
      library('best-told', { untold: 10, told: 1 }),
      join(folder, 'libopenblas-missing.so'),
    ];
    const ranked = await rankLibraries(harness, paths, 'avx avx2 fma');
    expect(ranked.map(({ library, environment }) => [library, environment])).toEqual([
      [paths[1], { OPENBLAS_CORETYPE: 'Haswell' }],
      [paths[0], {}],
    ]);
    const configurations = ranked.map(({ configuration }) => configuration);
    expect(configurations).toEqual([expect.stringContaining('Haswell'), expect.stringContaining('Prescott')]);
    expect(await Promise.all(ranked.map(configurationOf))).toEqual(configurations);
    // On a processor without these vectors nothing is asked for.
    expect(await rankLibraries(harness, [paths[1]], 'sse2')).toMatchObject([{ environment: {} }]);
  });

  it('is one for each number format', async (context) => {
    if (harness === undefined) return context.skip('gcc is not installed');
    const paths = [
      library('in-single', { untold: 2, told: 2 }, { doubleFactor: 20 }),
      library('in-double', { untold: 8, told: 8 }),
    ];
    const ranked = await rankLibraries(harness, paths, 'sse2');
    expect(ranked.map(({ library }) => library)).toEqual(paths);
    const inDouble = await rankAgain(harness, ranked, { dtype: 'f64', threads: 1 });
    expect(inDouble.map(({ library }) => library)).toEqual([...paths].reverse());
  });

  it('drops a setting of which the library dies, or which it does not obey', async (context) => {
    if (harness === undefined) return context.skip('gcc is not installed');
    const times = { untold: 10, told: 1 };
    const paths = [library('dies', times, { dies: true }), library('disobeys', times, { obeys: false })];
    const ranked = await rankLibraries(harness, paths, 'avx2 fma');
    expect(ranked.map(({ environment }) => environment)).toEqual([{}, {}]);
  });
});
