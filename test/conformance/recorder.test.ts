import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { blasSource, python, workshop } from '../support/blas/workshop.js';

// The library that writes down what programs multiply.

const { built, source, run, must, cc, plainBlas, extension, profiles, needsPython, ...shop } = workshop();

let hasTools = false;
const preload = { LD_PRELOAD: built('libfastmm_recorder.so') };

beforeAll(async () => {
  hasTools = await shop.hasTools();
  if (!hasTools) return;
  await Promise.all([
    must('make', ['-C', blasSource, 'recorder', `BUILD=${built('')}`]),
    plainBlas('libfirst.so', '-DCOUNTER=first_calls', '-DTHREADS=2'),
    plainBlas('libsecond.so', '-DCOUNTER=second_calls', '-DTHREADS=2', '-DIN_PARALLEL'),
    cc(source('two.c'), '-o', 'two', '-ldl'),
  ]);
  await Promise.all([
    extension('first.so', 'first'),
    extension('second.so', 'second'),
    cc(source('ends.c'), '-o', 'ends', './libfirst.so', `-Wl,-rpath,${built('')}`, '-ldl'),
  ]);
});

function needsTools(context: TestContext): void {
  context.skip(!hasTools, 'make or gcc is not on this machine');
}

describe('the recorder', () => {
  it('writes down what was multiplied, and by which BLAS', async (context) => {
    needsTools(context);
    const recorder = { ...preload, FASTMM_PROFILE: built('two-%p.json') };
    const { text } = await run('./two', ['./first.so', './second.so', './an "odd"\n\xff name'], recorder);
    expect(text.split('\n').slice(0, 2)).toEqual(['1 1', '2 2']);
    const [profile, ...others] = profiles('two-');
    expect(others).toEqual([]);
    expect(profile).toMatchObject({
      format: 'alphatensor-edge-gemm-profile',
      version: 1,
      library: 'recorder',
      complete: true,
      program: { arguments: ['./two', './first.so', './second.so', './an "odd"\n\xff name'] },
    });
    expect(profile.libraries.map(({ path }) => path.split('/').at(-1))).toEqual(['libfirst.so', 'libsecond.so']);
    const shape = {
      function: 'sgemm',
      symbol: 'cblas_sgemm',
      dtype: 'f32',
      layout: 'row',
      transA: false,
      transB: false,
    };
    const went = { went: 'blas', reason: 'off', algorithm: null };
    expect(profile.products).toEqual([
      expect.objectContaining({ ...shape, ...went, m: 256, n: 256, k: 256, threads: 2, blas: 0, calls: 2 }),
      expect.objectContaining({ ...shape, ...went, m: 256, n: 256, k: 256, threads: 1, blas: 1, calls: 4 }),
    ]);
  });

  it('loses no product where a program is killed later, or leaves without its usual end', async (context) => {
    needsTools(context);
    const env = (name: string) => ({ ...preload, FASTMM_PROFILE: built(`${name}-%p.json`) });
    expect((await run('./ends', ['kill'], env('killed'))).code).toBe(-1);
    expect((await run('./ends', ['leave'], env('left'))).code).toBe(3);
    for (const [name, complete] of [
      ['killed-', false],
      ['left-', true],
    ] as const) {
      expect(profiles(name)).toEqual([
        expect.objectContaining({ complete, products: [expect.objectContaining({ m: 64, calls: 5 })] }),
      ]);
    }
  });

  it('is not taken for a function that no library of the program has', async (context) => {
    needsTools(context);
    const { text } = await run('./ends', ['ask'], preload);
    expect(text.trim().split('\n')).toEqual([
      ...['cblas_sgemm 1', 'cblas_sgemm_batch 0', 'cblas_ssyrk 0', 'scipy_cblas_zgemm64_ 0'],
    ]);
  });

  it('sees in NumPy what cannot be taken', async (context) => {
    needsTools(context);
    await needsPython(context, 'numpy');
    const env = { ...preload, FASTMM_PROFILE: built('numpy-%p.json') };
    const program =
      'import numpy as np; a = np.ones((300, 200), np.float32); a @ a.T; (a + 1j) @ np.ones((200, 50)); a @ a.T.copy()';
    expect(await run(python, ['-c', program], env)).toMatchObject({ code: 0, text: '' });
    const [profile] = profiles('numpy-').filter(({ products }) => products.length > 0);
    const names = profile.others.map(({ symbol }) => symbol).join(' ');
    expect(names).toMatch(/syrk/);
    expect(names).toMatch(/[cz]gemm/);
    expect(profile.products).toEqual([
      expect.objectContaining({ function: 'sgemm', m: 300, n: 300, k: 200, calls: 1 }),
    ]);
  });
});
