import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { runAgent } from '../support/agent-process.js';
import { python, workshop } from '../support/blas/workshop.js';

// The BLAS of products before programs that know nothing of it. What it cannot take is computed by a BLAS that counts its calls. Under the
// address sanitizer: random shapes, leading dimensions, transpositions, factors and functions against sums in double, what must not be
// taken, eight callers at once, forks after and inside a product. Every request for memory or a thread is refused in turn.

const { folder, built, source, run, must, cc, plainBlas, extension, profiles, needsPython, ...shop } = workshop();
const library = built('winograd');
const SANITIZERS = '-fsanitize=address,undefined';

let hasTools = false;
const preload = { LD_PRELOAD: built('winograd/build-blas/libfastmm_blas.so') };

beforeAll(async () => {
  hasTools = await shop.hasTools();
  if (!hasTools) return;
  expect((await runAgent('export', 'winograd', '--crossover', '96', '--out', library)).code).toBe(0);
  await Promise.all([
    must('make', ['-C', library, 'blas', 'CFLAGS=-O1']),
    must('make', ['-C', library, 'blas', `CFLAGS=-O1 -g ${SANITIZERS}`, 'BLAS_BUILD=sanitized']),
    plainBlas('libfirst.so', '-DCOUNTER=first_calls', '-DTHREADS=2'),
    plainBlas('libsecond.so', '-DCOUNTER=second_calls', '-DTHREADS=2', '-DIN_PARALLEL'),
    // As PyTorch is made: its BLAS is a part of it.
    cc('-fPIC', '-shared', '-DCOUNTER=own_calls', source('extension.c'), source('plain_blas.c'), '-o', 'own.so'),
    cc(
      ...['-fPIC', '-shared', '-DCOUNTER=wide_calls', '-DWIDE'],
      ...[source('extension.c'), source('plain_blas.c'), '-o', 'wide.so'],
    ),
    cc(source('two.c'), '-o', 'two', '-ldl'),
  ]);
  const here = `-Wl,-rpath,${folder}:${library}`;
  // The library comes before what it stands before.
  const program = (name: string, build: string, options: string[], blas: string[]): Promise<void> => {
    const libraries = [`${library}/${build}/libfastmm_blas.so`, `-Wl,-rpath,${library}/${build}`, ...blas];
    return cc(...options, source('calls.c'), '-o', name, ...libraries, '-lm', '-pthread');
  };
  await Promise.all([
    program('calls', 'build-blas', ['-DREFUSE'], ['./libfirst.so', here]),
    program('alone', 'build-blas', ['-DREFUSE', '-DALONE'], []),
    program('sanitized', 'sanitized', [SANITIZERS], ['./libfirst.so', here]),
    extension('first.so', 'first'),
    extension('second.so', 'second'),
  ]);
}, 240_000);

function needsTools(context: TestContext): void {
  context.skip(!hasTools, 'make or gcc is not on this machine');
}

const ALWAYS = { FASTMM_MODE: 'always', FASTMM_NUM_THREADS: '2' };
const passed = /^[1-9]\d* checks, 0 failed, (\d+) passed on$/m;

describe('a BLAS of products', () => {
  it.for(['calls', 'alone', 'sanitized'])(
    'computes random products of every function right, with nothing around C changed: %s',
    async (program, context) => {
      needsTools(context);
      const { text, code } = await run(`./${program}`, ['random', '1000'], { ...ALWAYS, FASTMM_VERBOSE: '1' });
      expect(text).toMatch(passed);
      expect(code).toBe(0);
      const taken = Number(/products in [\d.]+ s: (\d+) taken/.exec(text)?.[1]);
      expect(taken).toBeGreaterThan(300);
    },
  );

  it.for(['calls', 'sanitized'])('leaves to the BLAS what it must not compute: %s', async (program, context) => {
    needsTools(context);
    expect((await run(`./${program}`, ['values'], ALWAYS)).text).toMatch(passed);
  });

  it.for([
    ['calls', 'threads'],
    ['sanitized', 'threads'],
    ['calls', 'fork'],
    ['alone', 'fork'],
    ['calls', 'fork-inside', '8'],
    ['sanitized', 'fork-inside', '2'],
    ['calls', 'idle'],
  ])(
    'goes on with several callers at once, after and during forks, and with its memory given back: %s %s',
    async ([program, ...what], context) => {
      needsTools(context);
      expect((await run(`./${program}`, what, ALWAYS)).text).toMatch(passed);
    },
  );

  it.for(['calls', 'alone'])('loses nothing where memory or a thread is refused: %s', async (program, context) => {
    needsTools(context);
    expect((await run(`./${program}`, ['refuse'], ALWAYS)).text).toMatch(passed);
  });

  it.for([
    ['off', ['1 1', '2 2', '3 3', '4 4', '1 1', '2 2', '3 3', '4 4']],
    ['fast', ['0 1', '0 2', '0 3', '4 4', '0 1', '0 2', '0 3', '4 4']],
  ] as const)(
    'passes on to the BLAS of the caller, of several that do not see each other: %s',
    async ([mode, lines], context) => {
      needsTools(context);
      const { text } = await run('./two', ['./first.so', './second.so', './own.so', './wide.so'], {
        ...preload,
        FASTMM_MODE: mode,
      });
      expect(text.trim().split('\n')).toEqual(lines);
    },
  );

  it('leaves a library alone that sees its own BLAS first (RTLD_DEEPBIND)', async (context) => {
    needsTools(context);
    const { text } = await run('./two', ['deep:./first.so', './second.so'], preload);
    expect(text.trim().split('\n')).toEqual(['1 1', '0 2', '1 1', '0 2']);
  });

  it('has no other name that a program could meet', async (context) => {
    needsTools(context);
    const { text } = await run('nm', ['-D', '--defined-only', built('winograd/build-blas/libfastmm_blas.so')]);
    const names = text
      .trim()
      .split('\n')
      .map((line) => line.split(' ').at(-1));
    expect(names).toContain('scipy_cblas_sgemm64_');
    expect(names.filter((name) => !/^(scipy_)?(cblas_)?[sd]gemm(_?64)?_?$|^fastmm_/.test(name ?? ''))).toEqual([]);
  });

  it('says what is wrong with a setting', async (context) => {
    needsTools(context);
    const { text } = await run('./two', ['./first.so'], {
      ...preload,
      FASTMM_MODE: 'quick',
      FASTMM_NUM_THREADS: '0',
    });
    expect(text).toContain('FASTMM_MODE=quick is not known and has no effect; write off, fast, accurate or always.');
    expect(text).toContain('FASTMM_NUM_THREADS=0 is not known and has no effect; write a whole number from 1 to 256.');
  });

  it('times a sample of what it takes by the BLAS as well, and changes nothing by it', async (context) => {
    needsTools(context);
    const env = { ...ALWAYS, FASTMM_SAMPLE: '3', FASTMM_VERBOSE: '1' };
    const { text } = await run('./sanitized', ['threads'], env);
    // 52 products of 4 functions, each called 13 times: those of number 2, 3, 6, 9 and 12. The program counts what its BLAS was called for.
    expect(text).toMatch(/^wrong: nothing was passed on\n5 checks, 1 failed, 20 passed on$/m);
    expect(text.match(/^fastmm: +13 times .*<2,2,2;7>; of 5 the BLAS took [\d.]+ times as long$/gm)).toHaveLength(4);
  });
});

describe('its profile', () => {
  it('writes one file for each process, also of one that leaves without a word', async (context) => {
    needsTools(context);
    const env = { FASTMM_MODE: 'always', FASTMM_NUM_THREADS: '2', FASTMM_PROFILE: built('forks.json') };
    expect((await run('./calls', ['fork'], env)).text).toMatch(passed);
    const all = profiles('forks.json.');
    expect(all).toHaveLength(4);
    expect(all.filter(({ complete }) => complete)).toHaveLength(1);
    for (const { library: kind, products } of all) {
      expect(kind).toBe('blas');
      expect(products[0]).toMatchObject({ went: 'algorithm', algorithm: '<2,2,2;7>', reason: null });
    }
  });
});

describe("Netlib's testers of products", () => {
  const testers = ['x86_64', 'aarch64']
    .map((machine) => `/usr/lib/${machine}-linux-gnu/blas`)
    .find((path) => existsSync(join(path, 'xblat3s')));

  it.for([
    ['s', 'fast'],
    ['s', 'always'],
    ['d', 'fast'],
    ['d', 'always'],
  ])('pass before the BLAS that the system has: %s %s', async ([letter, mode], context) => {
    needsTools(context);
    context.skip(testers === undefined, 'libblas-test is not on this machine');
    const command = `exec ${testers}/xblat3${letter} < ${testers}/${letter}blat3.in`;
    const { text } = await run('sh', ['-c', command], { ...preload, FASTMM_MODE: mode, FASTMM_VERBOSE: '1' });
    const report = readFileSync(join(folder, `${letter}blat3.out`), 'utf8');
    expect(report).toMatch(/[SD]GEMM +PASSED THE TESTS OF ERROR-EXITS/);
    expect(report).toMatch(/[SD]GEMM +PASSED THE COMPUTATIONAL TESTS/);
    expect(report).not.toMatch(/FAIL|SUSPECT/);
    const taken = Number(/products in [\d.]+ s: (\d+) taken/.exec(text)?.[1]);
    if (mode === 'always') expect(taken).toBeGreaterThan(4000);
    else expect(taken).toBe(0);
  });
});

describe("NumPy and SciPy of PyPI's wheels", () => {
  it('have their products taken in every layout, with the right result', async (context) => {
    needsTools(context);
    await needsPython(context, 'numpy', 'scipy.linalg.blas');
    const { text, code } = await run(python, [source('products.py')], { ...preload, FASTMM_VERBOSE: '1' });
    expect(text).toMatch(/^0 wrong$/m);
    expect(code).toBe(0);
    // 2 types, 2 shapes: 4 layouts in NumPy, 4 transpositions in SciPy.
    expect(text).toMatch(/fastmm: 32 products in [\d.]+ s: 32 taken/);
  });
});
