import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileHarness, probeCompiler } from '../../agent/src/backends/c-compiler.js';
import { rankLibraries } from '../../agent/src/blas/ranking.js';
import { pickCpus } from '../../agent/src/device/cpu.js';
import { type Harness, withHarness } from '../../agent/src/process/harness.js';

// Libraries that only look like those of PyPI: which functions are called, and whose.

/** All functions begin with scipy_. The product is the number of threads that the library was told to use. */
const OPENBLAS = `
static int threads = -1;
const char *scipy_openblas_get_config(void) { return "OpenBLAS 0.3.34 DYNAMIC_ARCH NO_AFFINITY SkylakeX MAX_THREADS=64"; }
void scipy_openblas_set_num_threads(int count) { threads = count; }
void scipy_cblas_sgemm(int layout, int ta, int tb, int m, int n, int k, float alpha, const float *a, int lda, const float *b,
                       int ldb, float beta, float *c, int ldc) {
  *c = threads;
}
void scipy_cblas_dgemm(void) {}
`;

/** Makes all its functions visible to all, as libmkl_rt does with the libraries that it loads. The product is 7. */
const MKL = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
__attribute__((constructor)) static void begin(void) {
  const char *layer = getenv("MKL_THREADING_LAYER");
  Dl_info own;
  if (NEEDS_GNU && (layer == NULL || strcmp(layer, "GNU") != 0)) exit(127);
  dladdr((void *)begin, &own);
  dlopen(own.dli_fname, RTLD_NOW | RTLD_GLOBAL | RTLD_NOLOAD);
}
void MKL_Get_Version_String(char *text, int length) {
  snprintf(text, length, "Intel(R) oneAPI Math Kernel Library Version 2026.2-Product Build 1 for Intel(R) 64 architecture applications");
}
void MKL_Set_Num_Threads(int count) {}
void sgemm_(float *c) { *c = 7; }
void cblas_sgemm(int layout, int ta, int tb, int m, int n, int k, float alpha, const float *a, int lda, const float *b,
                 int ldb, float beta, float *c, int ldc) {
  sgemm_(c);
}
void cblas_dgemm(void) {}
`;

/** Calls its own sgemm_ by name, as BLIS does. The product is 5. */
const BLIS = `
const char *bli_info_get_version_str(void) { return "0.9.0"; }
void sgemm_(float *c) { *c = 5; }
void cblas_sgemm(int layout, int ta, int tb, int m, int n, int k, float alpha, const float *a, int lda, const float *b,
                 int ldb, float beta, float *c, int ldc) {
  sgemm_(c);
}
void cblas_dgemm(void) {}
`;

/** Its thread looks for more work for 0.2 s after each product, as those of MKL do; all can see whether it does. */
const BUSY = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <time.h>
volatile int is_busy;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t asked = PTHREAD_COND_INITIALIZER;
static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}
static void *look(void *nothing) {
  pthread_mutex_lock(&mutex);
  for (;;) {
    pthread_cond_wait(&asked, &mutex);
    is_busy = 1;
    for (double end = now() + 0.2; now() < end;) {}
    is_busy = 0;
  }
}
__attribute__((constructor)) static void begin(void) {
  Dl_info own;
  pthread_t thread;
  dladdr((void *)begin, &own);
  dlopen(own.dli_fname, RTLD_NOW | RTLD_GLOBAL | RTLD_NOLOAD);
  pthread_create(&thread, NULL, look, NULL);
}
void cblas_sgemm(void) {
  while (!is_busy) pthread_cond_signal(&asked);
}
void cblas_dgemm(void) {}
`;

/** The product is whether the thread of BUSY is busy. */
const OBSERVER = `
#define _GNU_SOURCE
#include <dlfcn.h>
void cblas_sgemm(int layout, int ta, int tb, int m, int n, int k, float alpha, const float *a, int lda, const float *b,
                 int ldb, float beta, float *c, int ldc) {
  *c = *(volatile int *)dlsym(RTLD_DEFAULT, "is_busy");
}
void cblas_dgemm(void) {}
`;

const signal = new AbortController().signal;
let folder: string;
let harness: string | undefined;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'at-kinds-'));
  const probe = await probeCompiler('c-gcc');
  if (probe.ok) harness = await compileHarness(probe.compiler, signal);
});
afterAll(() => rmSync(folder, { recursive: true }));

function library(name: string, source: string, ...options: string[]): string {
  const path = join(folder, `lib${name}.so`);
  writeFileSync(join(folder, 'blas.c'), source);
  execFileSync('gcc', ['-shared', '-fPIC', '-w', ...options, '-o', path, join(folder, 'blas.c'), '-ldl']);
  return path;
}

function withLibraries<T>(paths: string[], cpus: number[], action: (child: Harness) => Promise<T>): Promise<T> {
  const [blas, ...others] = paths.map((path) => ({ library: path }));
  return withHarness(
    {
      harness: harness!,
      blas,
      libraries: Object.fromEntries(others.map((other, index) => [`${index}`, other])),
      dimensions: { m: 1, k: 1, n: 1 },
      dtype: 'f32',
      seed: 0,
      memoryBytes: 2 ** 31,
      cpuSeconds: 10,
      startSeconds: 30,
      cpus,
      programs: {},
      signal,
    },
    action,
  );
}

async function product(child: Harness, side: string): Promise<number> {
  await child.run(side, 10);
  return (await child.show('C', 10))[0];
}

describe('the measuring child', () => {
  it("calls the functions of PyPI's OpenBLAS, the one that sets its threads too", async (context) => {
    if (harness === undefined) return context.skip('gcc is not installed');
    const path = library('scipy_openblas', OPENBLAS);
    const [cpu] = pickCpus(1);
    await withLibraries([path], [cpu, cpu, cpu], async (child) => {
      expect(await child.introduction()).toMatchObject({
        name: 'OpenBLAS',
        version: '0.3.34',
        configuration: expect.stringContaining('SkylakeX'),
      });
      expect(await product(child, 'B')).toBe(3);
    });
  });

  it("runs a library's own functions beside one whose functions all can see", async (context) => {
    if (harness === undefined) return context.skip('gcc is not installed');
    const mkl = library('mkl_rt', MKL, '-DNEEDS_GNU=0');
    const blis = library('blis', BLIS);
    for (const [paths, products] of [
      [
        [mkl, blis],
        [7, 5],
      ],
      [
        [blis, mkl],
        [5, 7],
      ],
    ] as const) {
      await withLibraries([...paths], pickCpus(1), async (child) => {
        const { name } = await child.introduction();
        expect(name).toBe(paths[0] === mkl ? 'MKL' : 'BLIS');
        expect([await product(child, 'B'), await product(child, '0')]).toEqual(products);
      });
    }
  });

  it('times a side when the threads of the side before sleep', async (context) => {
    if (harness === undefined) return context.skip('gcc is not installed');
    const [cpu] = pickCpus(1);
    await withLibraries([library('busy', BUSY), library('observer', OBSERVER)], [cpu, cpu], async (child) => {
      await child.introduction();
      await child.run('B', 10);
      // A run is not timed, so it waits for nobody.
      expect(await product(child, '0')).toBe(1);
      await child.sample('0', 1, 10);
      expect((await child.show('C', 10))[0]).toBe(0);
    });
  });

  it("calls the functions of NumPy's OpenBLAS, whose integers have 64 bits", async (context) => {
    if (harness === undefined) return context.skip('gcc is not installed');
    const wide = OPENBLAS.replace(/scipy_(\w+)/g, 'scipy_$164_')
      .replace(/int (m|n|k|ld[abc])\b/g, 'long $1')
      .replace('*c = threads', '*c = threads + 10 * m + 100 * ldc');
    const [cpu] = pickCpus(1);
    await withLibraries([library('scipy_openblas64_', wide)], [cpu, cpu, cpu], async (child) => {
      expect(await child.introduction()).toMatchObject({ name: 'OpenBLAS', version: '0.3.34' });
      expect(await product(child, 'B')).toBe(113);
    });
  });

  it('says of a library without products that it has none', async (context) => {
    if (harness === undefined) return context.skip('gcc is not installed');
    const path = library('openblas', 'void cblas_sgemm(void) {}');
    await expect(withLibraries([path], pickCpus(1), (child) => child.introduction())).rejects.toThrow(
      'no cblas_sgemm or no cblas_dgemm',
    );
  });
});

describe('the ranking', () => {
  it("uses MKL with GCC's threads where Intel's are missing", async (context) => {
    if (harness === undefined) return context.skip('gcc is not installed');
    const path = library('mkl_rt', MKL, '-DNEEDS_GNU=1');
    expect(await rankLibraries(harness, [path], '')).toMatchObject([
      { name: 'MKL', version: '2026.2', environment: { MKL_THREADING_LAYER: 'GNU' } },
    ]);
  });
});
