import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { saveFactorization, strassen, winograd } from '../../../shared/src/index.js';
import { exportLibrary, needs, run, testFolder } from '../../support/exported.js';
import { startTrainer } from '../../support/trainer-process.js';

const folder = testFolder();
const repositoryFile = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

describe('a library of several algorithms', () => {
  const tuned = join(folder, 'tuned');
  const library = join(folder, 'dispatching');
  const file = join(tuned, 'dispatch.json');
  const plan = { mr: 12, lines: 2, kc: 128, tileRows: 60, tileColumns: 64, streamAboveBytes: 65536, nearBytes: 0 };

  /** As at-trainer tune writes it, with winners that a measurement would not give so surely. */
  function table(changes: object = {}, winnerChanges: object = {}): string {
    const winner = (name: string, count: number, own: object = {}) => ({
      ...{ label: name, rank: 7 ** count, levels: Array.from({ length: count }, () => `algorithms/${name}.json`) },
      ...{
        speedup: { estimate: 1.2, low: 1.1, high: 1.3 },
        fasterThanBaseline: true,
        notClaimedBecause: '',
        flags: [],
      },
      ...{ against: 'OpenBLAS 0.3.21', vectorIsa: 'avx512', plan, ...own, ...winnerChanges },
    });
    const entry = (m: number, k: number, n: number, dtype: string, threads: number, chosen: object | null) => {
      return { problem: { m, k, n, dtype, threads }, winner: chosen, reason: '', finalists: [] };
    };
    const transposed = (how: string, { problem, ...rest }: ReturnType<typeof entry>) => {
      return { ...rest, problem: { ...problem, transposed: how } };
    };
    return JSON.stringify({
      ...{ format: 'alphatensor-dispatch', version: 3, createdAt: '', device: {}, backend: 'c-gcc', variant: 'packed' },
      environment: null,
      entries: [
        entry(64, 64, 64, 'f32', 1, null),
        entry(200, 150, 260, 'f32', 1, winner('strassen', 1)),
        entry(200, 150, 260, 'f32', 2, winner('winograd', 1)),
        // The same program again.
        entry(800, 150, 260, 'f32', 1, winner('strassen', 1)),
        entry(240, 240, 240, 'f64', 1, winner('winograd', 2, { plan: null })),
        // The same shape, where other operands lie transposed.
        transposed('nt', entry(200, 150, 260, 'f32', 1, winner('winograd', 1))),
        transposed('tn', entry(200, 150, 260, 'f32', 1, null)),
      ],
      ...changes,
    });
  }

  beforeAll(async () => {
    mkdirSync(join(tuned, 'algorithms'), { recursive: true });
    for (const [name, factorization] of Object.entries({ strassen: strassen(), winograd: winograd() })) {
      await saveFactorization(join(tuned, 'algorithms', `${name}.json`), { factorization, origin: 'imported' });
    }
    writeFileSync(file, table());
    const { code, stdout, stderr } = await startTrainer(
      ['export', '--dispatch', file, '--out', library, '--name', 'edge', '--json'],
      folder,
    ).ended;
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(JSON.parse(stdout).rules.map(({ algorithm }: { algorithm: unknown }) => algorithm)).toEqual([
      ...[null, 'strassen', 'winograd', 'strassen', 'winograd', 'winograd', null],
    ]);
  });

  it('states its rules where a reader looks for them', () => {
    const config = readFileSync(join(library, 'edge_config.h'), 'utf8');
    expect(config).toMatch(/RULE\(64, 64, 64, 1, NN, 0, 0\) \/\* nothing was faster \*\//);
    expect(config).toMatch(
      /RULE\(200, 150, 260, 1, NN, 1, 1\) \/\* 1\.200 \[1\.100, 1\.300\] of OpenBLAS 0\.3\.21 \*\//,
    );
    expect(config.match(/RULE\(800, 150, 260, 1, NN, 1, 1\)/g)).toHaveLength(1);
    expect(config).toMatch(/RULE\(200, 150, 260, 1, NT, 2, 2\)/);
    expect(config).toMatch(/RULE\(200, 150, 260, 1, TN, 0, 0\)/);
    const readme = readFileSync(join(library, 'README.md'), 'utf8');
    expect(readme).toContain('| 200 x 150 x 260 | f32 nt | 1 | 2: <2,2,2;7>');
    expect(readme).toContain('| 200 x 150 x 260 | f32 tn | 1 | BLAS: nothing was faster');
    expect(config).toContain('f64, algorithm 1: <2,2,2;7> over <2,2,2;7>');
    expect(readFileSync(join(library, 'edge_f32_1.c'), 'utf8')).toContain('#define AT_KC 128\n');
    for (const name of readdirSync(library).filter((each) => /\.(c|h|md)$|^Makefile$/.test(each))) {
      const text = readFileSync(join(library, name), 'utf8');
      expect(text, name).not.toMatch(/fastmm|@[A-Z]+@/i);
      for (const path of [process.cwd(), homedir(), folder]) expect(text, name).not.toContain(path);
    }
  });

  it('builds over a BLAS, and its test finds each algorithm right and chosen where it should be', async (context) => {
    await needs(context, 'make', 'gcc');
    const { code, text } = await run('make', ['test', 'CFLAGS=-O1'], library);
    context.skip(text.includes('No BLAS was found'), 'there is no BLAS to link with');
    expect(text).not.toContain('warning');
    expect(text).toMatch(/^[1-9]\d* checks, 0 failed$/m);
    expect(code).toBe(0);
    const bench = await run('make', ['bench', 'CFLAGS=-O1', 'SIZE=200x150x260', 'ROUNDS=6'], library);
    expect(bench.text).toMatch(/edge_sgemm goes to <2,2,2;7> at this size/);
    // The only f64 rule is of larger matrices.
    expect(bench.text).toMatch(/edge_dgemm goes to <2,2,2;7> over <2,2,2;7> at this size/);
    expect(bench.text.match(/speed-up [\d.]+ \[[\d.]+, [\d.]+\]/g)).toHaveLength(2);
  });

  it('is also a BLAS that is put before others, under its own name', async (context) => {
    await needs(context, 'make', 'gcc');
    const build = await run('make', ['blas', 'CFLAGS=-O1'], library);
    expect(build.text).not.toContain('warning');
    expect(build.code).toBe(0);
    const blas = join(library, 'build-blas');
    const calls = repositoryFile('test/support/blas/calls.c');
    const options = ['-O1', '-DALONE', '-Dfastmm_release=edge_release', `-I${repositoryFile('agent/library/blas')}`];
    const linked = [join(blas, 'libedge_blas.so'), `-Wl,-rpath,${blas}`, '-lm', '-pthread'];
    expect(await run('gcc', [...options, calls, '-o', 'calls', ...linked], folder)).toEqual({ code: 0, text: '' });
    const called = await run('env', ['EDGE_MODE=always', 'EDGE_VERBOSE=1', './calls', 'random', '480'], folder);
    expect(called.text).toMatch(/^480 checks, 0 failed/m);
    expect(called.text).toMatch(/edge: 480 products in [\d.]+ s: [1-9]\d\d taken/);
    expect(called.text).toMatch(/sgemm_?.*: <2,2,2;7>$/m);
    expect(called.text).toMatch(/dgemm_?.*: <2,2,2;7> over <2,2,2;7>$/m);
  });

  it('has a test that finds a wrong choice', async (context) => {
    await needs(context, 'make', 'gcc');
    const source = join(library, 'edge_f32.c');
    const right = readFileSync(source, 'utf8');
    writeFileSync(source, right.replace('RULES EDGE_RULES_F32', 'RULES(RULE) RULE(64, 64, 64, 1, NN, 1, 1)'));
    const { code, text } = await run('make', ['test', 'CFLAGS=-O1'], library);
    context.skip(text.includes('No BLAS was found'), 'there is no BLAS to link with');
    expect(text).toMatch(/wrong: .* go to algorithm/);
    expect(text).toMatch(/^\d+ checks, [1-9]\d* failed$/m);
    expect(code).not.toBe(0);
  });

  it.for([
    ['another file', 4, '{}', /is not a dispatch table; give the dispatch\.json that at-trainer tune wrote/],
    ['another version', 7, () => table({ version: 4 }), /has version 4 of the dispatch table/],
    [
      'programs that are not packed',
      2,
      () => table({ variant: 'temporaries' }),
      /only packed ones can become a library/,
    ],
    ['a path out of its folder', 4, () => table({}, { levels: ['../../secret.json'] }), /is not a dispatch table/],
    [
      'a file that is gone',
      5,
      () => table({}, { levels: ['algorithms/gone.json'] }),
      /wrong\.json needs .*gone\.json, which is not there; copy the folder algorithms\/ with the table\./,
    ],
  ] as const)('refuses %s', async ([, status, text, sentence]) => {
    const wrong = join(tuned, 'wrong.json');
    writeFileSync(wrong, typeof text === 'string' ? text : text());
    const { code, stderr } = await exportLibrary('--dispatch', wrong, '--out', join(folder, 'refused'));
    expect(stderr).toMatch(sentence);
    expect(code).toBe(status);
    expect(readdirSync(folder)).not.toContain('refused');
  });

  it('is not asked for together with an algorithm', async () => {
    const { code, stderr } = await exportLibrary('strassen', '--dispatch', file, '--out', join(folder, 'refused'));
    expect(stderr).toMatch(/Name the algorithm to export, or a table with --dispatch/);
    expect(code).toBe(2);
  });
});
