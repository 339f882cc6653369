import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { runAgent } from '../support/agent-process.js';

// The BLAS of products before programs that know nothing of it. What it cannot take is computed by a BLAS that counts its calls.

const folder = mkdtempSync(join(tmpdir(), 'at-take-over-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const library = join(folder, 'winograd');
const repositoryFile = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const recorderSource = repositoryFile('agent/library/blas');
const python = process.env.ALPHATENSOR_PYTHON ?? 'python3';
const SANITIZERS = '-fsanitize=address,undefined';

interface Ended {
  readonly code: number;
  readonly text: string;
}

function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const clean = Object.entries(process.env).filter(([name]) => !/^(OPENBLAS|OMP|MKL|FASTMM|LD)_/.test(name));
  return new Promise((resolve) => {
    const options = { cwd: folder, env: { ...Object.fromEntries(clean), ...env } };
    const child = execFile(command, args, options, (error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? (error ? -1 : 0), text: stdout + stderr }),
    );
  });
}

async function must(command: string, args: readonly string[]): Promise<void> {
  const { code, text } = await run(command, args);
  if (code !== 0 || /warning/.test(text)) throw new Error(`${command} ${args.join(' ')}: ${text}`);
}

let hasTools = false;
const built = (name: string): string => join(folder, name);
const source = (name: string): string => repositoryFile(`test/support/blas/${name}`);
const preload = (name = 'winograd/build-blas/libfastmm_blas.so'): Record<string, string> => ({
  LD_PRELOAD: built(name),
});
const cc = (...args: string[]): Promise<void> => must('gcc', ['-O1', '-g', '-Wall', `-I${recorderSource}`, ...args]);

beforeAll(async () => {
  hasTools = (await run('make', ['--version'])).code === 0 && (await run('gcc', ['--version'])).code === 0;
  if (!hasTools) return;
  expect((await runAgent('export', 'winograd', '--crossover', '96', '--out', library)).code).toBe(0);
  await Promise.all([
    must('make', ['-C', library, 'blas', 'CFLAGS=-O1']),
    must('make', ['-C', library, 'blas', `CFLAGS=-O1 -g ${SANITIZERS}`, 'BLAS_BUILD=sanitized']),
    must('make', ['-C', recorderSource, 'recorder', `BUILD=${folder}`]),
    cc('-fPIC', '-shared', '-DCOUNTER=first_calls', '-DTHREADS=2', source('plain_blas.c'), '-o', 'libfirst.so'),
    cc(
      ...['-fPIC', '-shared', '-DCOUNTER=second_calls', '-DTHREADS=2', '-DIN_PARALLEL'],
      ...[source('plain_blas.c'), '-o', 'libsecond.so'],
    ),
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
  const extension = (name: string, own: string): Promise<void> =>
    cc('-fPIC', '-shared', `-DCOUNTER=${own}_calls`, source('extension.c'), `./lib${own}.so`, here, '-o', name);
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
      const { text, code } = await run(`./${program}`, ['random', '720'], { ...ALWAYS, FASTMM_VERBOSE: '1' });
      expect(text).toMatch(passed);
      expect(code).toBe(0);
      const taken = Number(/products in [\d.]+ s: (\d+) taken/.exec(text)?.[1]);
      expect(taken).toBeGreaterThan(200);
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
    ['calls', 'idle'],
  ])(
    'goes on with several callers at once, after a fork, and with its memory given back: %s %s',
    async ([program, what], context) => {
      needsTools(context);
      expect((await run(`./${program}`, [what], ALWAYS)).text).toMatch(passed);
    },
  );

  it.for(['calls', 'alone'])('loses nothing where memory is refused: %s', async (program, context) => {
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
        ...preload(),
        FASTMM_MODE: mode,
      });
      expect(text.trim().split('\n')).toEqual(lines);
    },
  );

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
      ...preload(),
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

describe('the recorder', () => {
  interface Profile {
    readonly format: string;
    readonly complete: boolean;
    readonly library: string;
    readonly program: { readonly arguments: string[] };
    readonly products: readonly Record<string, unknown>[];
    readonly others: readonly { readonly symbol: string; readonly calls: number }[];
    readonly libraries: readonly { readonly path: string }[];
  }
  const profiles = (name: string): Profile[] =>
    readdirSync(folder)
      .filter((file) => file.startsWith(name))
      .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Profile);

  it('writes down what was multiplied, and by which BLAS', async (context) => {
    needsTools(context);
    const recorder = { ...preload('libfastmm_recorder.so'), FASTMM_PROFILE: built('two-%p.json') };
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
    const { text } = await run('sh', ['-c', command], { ...preload(), FASTMM_MODE: mode, FASTMM_VERBOSE: '1' });
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
  async function needsNumPy(context: TestContext): Promise<void> {
    needsTools(context);
    context.skip(
      (await run(python, ['-c', 'import numpy, scipy.linalg.blas'])).code !== 0,
      'NumPy and SciPy are not on this machine',
    );
  }

  it('have their products taken in every layout, with the right result', async (context) => {
    await needsNumPy(context);
    const { text, code } = await run(python, [source('products.py')], { ...preload(), FASTMM_VERBOSE: '1' });
    expect(text).toMatch(/^0 wrong$/m);
    expect(code).toBe(0);
    // 2 types, 2 shapes: 4 layouts in NumPy, 4 transpositions in SciPy.
    expect(text).toMatch(/fastmm: 32 products in [\d.]+ s: 32 taken/);
  });

  it('are recorded with what cannot be taken', async (context) => {
    await needsNumPy(context);
    const env = { ...preload('libfastmm_recorder.so'), FASTMM_PROFILE: built('numpy-%p.json') };
    const program =
      'import numpy as np; a = np.ones((300, 200), np.float32); a @ a.T; (a + 1j) @ np.ones((200, 50)); a @ a.T.copy()';
    expect(await run(python, ['-c', program], env)).toMatchObject({ code: 0, text: '' });
    const profile = readdirSync(folder)
      .filter((file) => file.startsWith('numpy-'))
      .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')))
      .find(({ products }) => products.length > 0);
    const names = profile.others.map(({ symbol }: { symbol: string }) => symbol).join(' ');
    expect(names).toMatch(/syrk/);
    expect(names).toMatch(/[cz]gemm/);
    expect(profile.products).toEqual([
      expect.objectContaining({ function: 'sgemm', m: 300, n: 300, k: 200, calls: 1 }),
    ]);
  });
});
