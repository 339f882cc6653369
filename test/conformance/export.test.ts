import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { vectorIsa } from '../../agent/src/device/cpu.js';
import {
  baselineWork,
  growthOfLevels,
  laderman,
  packedAlgorithm,
  packedLevelWork,
  packedWork,
  Random,
  saveFactorization,
  secondsFor,
  strassen,
  winograd,
} from '../../shared/src/index.js';
import { candidate } from '../../trainer/src/fleet/algorithms.js';
import { MEASUREMENTS_FILE, MeasurementStore } from '../../trainer/src/fleet/measurement-store.js';
import { runAgent } from '../support/agent-process.js';
import { dataPath, needsData } from '../support/data.js';
import { cube, measurementRow } from '../support/report-rows.js';
import { startTrainer } from '../support/trainer-process.js';

// A library as people take it home: written by the commands from the build, then built with make alone.

const folder = mkdtempSync(join(tmpdir(), 'at-export-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number;
  readonly text: string;
}

function run(command: string, args: readonly string[], cwd = folder): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(command, args, { cwd }, (error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? (error ? -1 : 0), text: stdout + stderr }),
    );
  });
}

async function works(command: string): Promise<boolean> {
  return (await run(command, ['--version'])).code === 0;
}

async function needs(context: TestContext, ...commands: string[]): Promise<void> {
  for (const command of commands) context.skip(!(await works(command)), `${command} is not on this machine`);
}

const repositoryFile = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const exportLibrary = (...args: string[]) => runAgent('export', ...args);

describe('an exported library', () => {
  const library = join(folder, 'winograd2');
  // A crossover that small makes the tests of what is above it quick.
  beforeAll(async () => {
    const { code, stderr } = await exportLibrary('winograd', '--levels', '2', '--crossover', '96', '--out', library);
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });
  const make = (...args: string[]): Promise<Ended> => run('make', args, library);
  const PASSED = /^[1-9]\d* checks, 0 failed$/m;

  it('builds and passes its test over a BLAS with gcc', async (context) => {
    await needs(context, 'make', 'gcc');
    const { code, text } = await make('test');
    context.skip(text.includes('No BLAS was found'), 'there is no BLAS to link with');
    expect(text).not.toContain('warning');
    expect(text).toMatch(PASSED);
    expect(code).toBe(0);
  });

  it('times itself against the BLAS', async (context) => {
    await needs(context, 'make', 'gcc');
    const { code, text } = await make('bench', 'SIZE=200', 'ROUNDS=6');
    context.skip(text.includes('No BLAS was found'), 'there is no BLAS to link with');
    expect(text).toMatch(/sgemm: the BLAS, [\d.]+ GFLOP\/s/);
    expect(text.match(/GFLOP\/s {2}speed-up [\d.]+ \[[\d.]+, [\d.]+\]/g)).toHaveLength(6);
    expect(code).toBe(0);
  });

  it.for([
    ['gcc', '-march=native'],
    ['gcc', ''],
    ['clang', '-march=native'],
  ])('builds and passes its test without a BLAS: %s %s', async ([compiler, arch], context) => {
    await needs(context, 'make', compiler);
    const { code, text } = await make(
      'test',
      'BLAS=none',
      `CC=${compiler}`,
      `ARCH=${arch}`,
      `BUILD=${compiler}${arch}`,
    );
    expect(text).not.toContain('warning');
    expect(text).toMatch(PASSED);
    expect(code).toBe(0);
  });

  it('passes its test on an emulated ARM processor', async (context) => {
    await needs(context, 'make', 'aarch64-linux-gnu-gcc', 'qemu-aarch64');
    const built = await make(
      ...['BLAS=none', 'CC=aarch64-linux-gnu-gcc', 'ARCH=-march=armv8-a', 'BUILD=arm', 'arm/test'],
    );
    expect(built.text).not.toContain('warning');
    const { code, text } = await run('qemu-aarch64', ['-L', '/usr/aarch64-linux-gnu', 'arm/test'], library);
    expect(text).toMatch(PASSED);
    expect(code).toBe(0);
  });

  it('has a test that finds a wrong sign', async (context) => {
    await needs(context, 'make', 'gcc');
    const wrong = join(folder, 'wrong');
    await exportLibrary('strassen', '--dtype', 'f64', '--crossover', '96', '--out', wrong);
    const file = join(wrong, 'fastmm_f64.c');
    const source = readFileSync(file, 'utf8');
    const lastSubtraction = source.lastIndexOf('AT_SUB(');
    expect(lastSubtraction).toBeGreaterThan(0);
    writeFileSync(file, `${source.slice(0, lastSubtraction)}AT_ADD(${source.slice(lastSubtraction + 7)}`);
    const { code, text } = await run('make', ['test', 'BLAS=none', 'CFLAGS=-O1'], wrong);
    expect(text).toMatch(/^\d+ checks, [1-9]\d* failed$/m);
    expect(code).not.toBe(0);
  });

  it('names no place on this machine', () => {
    const own = [process.cwd(), homedir(), tmpdir(), library].filter((path) => path.length > 1);
    for (const name of readdirSync(library).filter((file) => /\.(c|h|md)$|^Makefile$/.test(file))) {
      const text = readFileSync(join(library, name), 'utf8');
      for (const path of own) expect(text, name).not.toContain(path);
    }
  });
});

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
    return JSON.stringify({
      ...{ format: 'alphatensor-dispatch', version: 1, createdAt: '', device: {}, backend: 'c-gcc', variant: 'packed' },
      environment: null,
      entries: [
        entry(64, 64, 64, 'f32', 1, null),
        entry(200, 150, 260, 'f32', 1, winner('strassen', 1)),
        entry(200, 150, 260, 'f32', 2, winner('winograd', 1)),
        // The same program again.
        entry(800, 150, 260, 'f32', 1, winner('strassen', 1)),
        entry(240, 240, 240, 'f64', 1, winner('winograd', 2, { plan: null })),
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
      ...[null, 'strassen', 'winograd', 'strassen', 'winograd'],
    ]);
  });

  it('states its rules where a reader looks for them', () => {
    const config = readFileSync(join(library, 'edge_config.h'), 'utf8');
    expect(config).toMatch(/RULE\(64, 64, 64, 1, 0, 0\) \/\* nothing was faster \*\//);
    expect(config).toMatch(/RULE\(200, 150, 260, 1, 1, 1\) \/\* 1\.200 \[1\.100, 1\.300\] of OpenBLAS 0\.3\.21 \*\//);
    expect(config.match(/RULE\(800, 150, 260, 1, 1, 1\)/g)).toHaveLength(1);
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
    expect(await run('gcc', [...options, calls, '-o', 'calls', ...linked])).toEqual({ code: 0, text: '' });
    const called = await run('env', ['EDGE_MODE=always', 'EDGE_VERBOSE=1', './calls', 'random', '480']);
    expect(called.text).toMatch(/^480 checks, 0 failed/m);
    expect(called.text).toMatch(/edge: 480 products in [\d.]+ s: [1-9]\d\d taken/);
    expect(called.text).toMatch(/sgemm_?.*: <2,2,2;7>$/m);
    expect(called.text).toMatch(/dgemm_?.*: <2,2,2;7> over <2,2,2;7>$/m);
  });

  it('has a test that finds a wrong choice', async (context) => {
    await needs(context, 'make', 'gcc');
    const source = join(library, 'edge_f32.c');
    const right = readFileSync(source, 'utf8');
    writeFileSync(source, right.replace('RULES EDGE_RULES_F32', 'RULES(RULE) RULE(64, 64, 64, 1, 1, 1)'));
    const { code, text } = await run('make', ['test', 'CFLAGS=-O1'], library);
    context.skip(text.includes('No BLAS was found'), 'there is no BLAS to link with');
    expect(text).toMatch(/wrong: .* go to algorithm/);
    expect(text).toMatch(/^\d+ checks, [1-9]\d* failed$/m);
    expect(code).not.toBe(0);
  });

  it.for([
    ['another file', 4, '{}', /is not a dispatch table; give the dispatch\.json that at-trainer tune wrote/],
    ['another version', 7, () => table({ version: 3 }), /has version 3 of the dispatch table/],
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
      /There is no file ".*gone\.json"/,
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

describe('a library that predicts what was not measured', () => {
  const tuned = join(folder, 'modelled');
  const library = join(folder, 'predicting');
  const plan = { mr: 12, lines: 2, kc: 128, tileRows: 60, tileColumns: 64, streamAboveBytes: 65536, nearBytes: 0 };
  // Constants and corrections with which the shapes below go to all of the algorithms and to the BLAS.
  const model = {
    ...{ dtype: 'f32', threads: 1, samples: 9, medianError: 0.03, error90: 0.08 },
    seconds: [2e-11, 1e-11, 8e-11, 8e-11, 3e-11, 1e-5],
    baselineSeconds: [2e-11, 1e-11, 1e-5],
  };
  const levels = {
    strassen: [strassen()],
    winograd: [winograd(), winograd()],
    laderman: [laderman()],
    // So many products that one level becomes steps.
    both: [strassen(), laderman()],
  };
  type Name = keyof typeof levels;
  const FILES: Record<Name, string[]> = {
    strassen: ['strassen'],
    winograd: ['winograd', 'winograd'],
    laderman: ['laderman'],
    both: ['strassen', 'laderman'],
  };
  const texts: Record<Name, string> = {
    strassen: '<2,2,2;7>',
    winograd: '<2,2,2;7> over <2,2,2;7>',
    laderman: '<3,3,3;23>',
    both: '<2,2,2;7> over <3,3,3;23>',
  };
  const workOf = (name: Name) => packedAlgorithm(levels[name].map(packedLevelWork));
  const rules = [
    { m: 200, k: 200, n: 200, fast: null, accurate: null },
    { m: 600, k: 500, n: 700, fast: 'strassen', accurate: 'strassen' },
    { m: 900, k: 900, n: 900, fast: 'winograd', accurate: 'laderman' },
    { m: 1200, k: 1300, n: 1100, fast: 'both', accurate: 'both' },
  ] as const;

  /** What was measured of what the model says. */
  const CORRECTIONS: Record<Name, number> = { strassen: 0.9, winograd: 0.9, laderman: 0.85, both: 0.7 };
  const predicted = (name: Name, m: number, k: number, n: number): number => {
    const problem = { m, k, n, threads: 1, elementBytes: 4 };
    return secondsFor(packedWork(workOf(name), { mr: 12, nr: 32, kc: 128 }, problem), model.seconds);
  };

  const baselineOf = (m: number, k: number, n: number): number =>
    secondsFor(baselineWork({ m, k, n, threads: 1, elementBytes: 4 }), model.baselineSeconds);

  /** The choice by the same functions that tuning uses. */
  function chosen(m: number, k: number, n: number, mode: 'fast' | 'accurate'): string {
    const rule = rules.find((one) => one.m === m && one.k === k && one.n === n);
    if (rule !== undefined) return rule[mode] === null ? 'BLAS' : texts[rule[mode]];
    if (2 * m < 200 || 2 * k < 200 || 2 * n < 200) return 'BLAS';
    const baseline = baselineOf(m, k, n);
    const units = (Object.keys(levels) as Name[]).map((name) => ({
      ...{ name, error: growthOfLevels(levels[name]) * Math.sqrt(Math.min(Math.ceil(k / workOf(name).m), 512)) },
      seconds: predicted(name, m, k, n) * CORRECTIONS[name],
    }));
    const limit = baseline / (1 + model.medianError);
    const [best] = units.filter(({ seconds }) => seconds < limit).sort((a, b) => a.seconds - b.seconds);
    if (best === undefined) return 'BLAS';
    if (mode === 'fast') return texts[best.name];
    const near = units.filter(({ seconds }) => seconds <= Math.min(limit, 1.01 * best.seconds));
    return texts[near.sort((a, b) => a.error - b.error)[0].name];
  }

  beforeAll(async () => {
    mkdirSync(join(tuned, 'algorithms'), { recursive: true });
    for (const [name, factorization] of Object.entries({
      strassen: strassen(),
      winograd: winograd(),
      laderman: laderman(),
    })) {
      await saveFactorization(join(tuned, 'algorithms', `${name}.json`), { factorization, origin: 'imported' });
    }
    const winner = (name: Name | null, m: number, k: number, n: number) =>
      name && {
        ...{ label: name, rank: 7 ** levels[name].length, fasterThanBaseline: true, notClaimedBecause: '', flags: [] },
        ...{
          speedup: {
            estimate: baselineOf(m, k, n) / (predicted(name, m, k, n) * CORRECTIONS[name]),
            low: 1.1,
            high: 1.3,
          },
          against: 'OpenBLAS 0.3.21',
          vectorIsa: vectorIsa(),
          plan,
        },
        levels: FILES[name].map((file) => `algorithms/${file}.json`),
        ...{ errorRatio: 2.5, relativeError: 1e-6 },
      };
    const entries = rules.map(({ m, k, n, fast, accurate }) => {
      const choices = { fast: winner(fast, m, k, n), accurate: winner(accurate, m, k, n) };
      const problem = { m, k, n, dtype: 'f32', threads: 1 };
      return { problem, ...choices, winner: choices.accurate, isComplete: true, reason: '', finalists: [] };
    });
    const table = {
      ...{ format: 'alphatensor-dispatch', version: 2, createdAt: '', device: {}, backend: 'c-gcc', variant: 'packed' },
      ...{ environment: null, objective: { maxError: 4, prefer: 'accurate' }, timeModels: [model], entries },
    };
    writeFileSync(join(tuned, 'dispatch.json'), JSON.stringify(table));
    const exported = await exportLibrary('--dispatch', join(tuned, 'dispatch.json'), '--out', library, '--json');
    expect(exported.stderr).toBe('');
    expect(JSON.parse(exported.stdout).rules[2]).toMatchObject({
      ...{ algorithm: 'laderman', fast: 'winograd', accurate: 'laderman' },
    });
  });

  it('passes its test, and chooses by the model and the mode as tuning would', async (context) => {
    await needs(context, 'make', 'gcc');
    const { text, code } = await run('make', ['test', 'CFLAGS=-O1', 'BLAS=none'], library);
    expect(text).not.toContain('warning');
    expect(text).toMatch(/^[1-9]\d* checks, 0 failed$/m);
    expect(code).toBe(0);
    const random = new Random('shapes');
    const shapes = [
      ...rules.map(({ m, k, n }) => [m, k, n]),
      ...Array.from({ length: 200 }, () => [0, 0, 0].map(() => 90 + random.int(1500))),
    ];
    const program = `#include "fastmm.h"
#include <stdio.h>
int main(void) {
  static const size_t shapes[][3] = {${shapes.map((shape) => `{${shape}}`).join(', ')}};
  printf("%d\\n", fastmm_get_mode());
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
    for (int mode = 0; mode < 2; mode++) {
      fastmm_set_mode(mode == 0 ? FASTMM_FAST : FASTMM_ACCURATE);
      printf("%s\\n", fastmm_sgemm_algorithm(shapes[i][0], shapes[i][2], shapes[i][1], 1));
    }
}
`;
    writeFileSync(join(library, 'choices.c'), program);
    const archive = ['build-without-blas/libfastmm.a', '-lm', '-pthread'];
    expect(await run('gcc', ['-o', 'choices', 'choices.c', ...archive], library)).toEqual({ code: 0, text: '' });
    const [mode, ...names] = (await run(join(library, 'choices'), [], library)).text.trim().split('\n');
    expect(mode).toBe('1');
    const expected = shapes.flatMap(([m, k, n]) => [chosen(m, k, n, 'fast'), chosen(m, k, n, 'accurate')]);
    expect(names.map((name) => (name.startsWith('plain') ? 'BLAS' : name))).toEqual(expected);
    // The shapes are such that everything is chosen somewhere, and that the modes differ beyond the rules.
    expect(new Set(expected)).toEqual(new Set(['BLAS', ...Object.values(texts)]));
    const differing = shapes
      .slice(rules.length)
      .filter(([m, k, n]) => chosen(m, k, n, 'fast') !== chosen(m, k, n, 'accurate'));
    expect(differing.length).toBeGreaterThan(0);
  });
});

describe('at-agent export', () => {
  it('refuses a folder with something in it, unless it is forced', async () => {
    const out = join(folder, 'taken');
    mkdirSync(out);
    writeFileSync(join(out, 'mine.txt'), 'mine');
    const refused = await exportLibrary('strassen', '--out', out);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/^error: .* is not empty; name another folder, or .* with --force\.\n$/);
    expect(readdirSync(out)).toEqual(['mine.txt']);
    expect((await exportLibrary('strassen', '--out', out, '--force')).code).toBe(0);
    expect(readFileSync(join(out, 'mine.txt'), 'utf8')).toBe('mine');
    expect(readdirSync(out)).toContain('fastmm.h');
  });

  it.for([
    ['an unknown file', 5, ['nonesuch.json'], /There is no file "nonesuch\.json"/],
    ['too many levels', 2, ['strassen', '--levels', '4'], /2401 products is too much to compile \(at most 500\)/],
    ['a name that is taken', 2, ['strassen', '--name', 'bench'], /cannot be called "bench"; choose a C identifier/],
    ['several algorithms repeated', 2, ['strassen', 'winograd', '--levels', '2'], /not both/],
    ['an unknown number format', 2, ['strassen', '--dtype', 'f16'], /Write f32, f64 or f32,f64/],
    ['an unknown target', 2, ['strassen', '--target', 'rust'], /Allowed choices are c/],
    ['measurements that are none', 4, ['strassen', '--measured', 'package.json'], /not a list of measured speed-ups/],
  ] as const)('refuses %s', async ([, status, args, sentence]) => {
    const out = join(folder, 'refused');
    const { code, stderr } = await exportLibrary(...args, '--out', out);
    expect(stderr).toMatch(sentence);
    expect(code).toBe(status);
    expect(readdirSync(folder)).not.toContain('refused');
  });

  it('refuses a factorization that is exact modulo 2 only', async (context) => {
    needsData(context);
    const file = dataPath('deepmind-alphatensor', 'factorizations_f2.npz');
    const { code, stderr } = await exportLibrary(`${file}#4,4,4`, '--out', join(folder, 'refused'));
    expect(stderr).toMatch(/Factorization 1 is exact modulo 2 only/);
    expect(code).toBe(2);
  });
});

describe('at-trainer export', () => {
  const trainer = (...args: string[]) => startTrainer(['export', ...args], folder).ended;

  it('takes the crossover from what a run measured', async () => {
    const runFolder = join(folder, 'run');
    mkdirSync(runFolder);
    const store = MeasurementStore.open(join(runFolder, MEASUREMENTS_FILE));
    const { algorithm } = candidate({ factorization: winograd(), origin: 'imported' }, 'imported', { depth: 2 });
    [0.9, 1.2, 1.3].forEach((speedup, i) => {
      const row = { algorithm, problem: cube(512 * 2 ** i), variant: 'packed', speedup, seed: i };
      store.insert(measurementRow(row), `${i}`);
    });
    // Another variant is another program.
    store.insert(measurementRow({ algorithm, problem: cube(4096), speedup: 0.5, seed: 3 }), '3');
    store.close();
    const out = join(folder, 'measured');
    const { code, stdout, stderr } = await trainer(
      ...[
        'winograd',
        '--levels',
        '2',
        '--dtype',
        'f32',
        '--name',
        'w2',
        '--measurements',
        runFolder,
        '--out',
        out,
        '--json',
      ],
    );
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      crossovers: {
        f32: {
          size: 1024,
          origin: 'Measured: from 1024 on it was faster than OpenBLAS 0.3.21, and at 512 it was not.',
        },
      },
    });
    expect(readFileSync(join(out, 'w2_config.h'), 'utf8')).toContain('#define W2_CROSSOVER_F32 1024\n');
    expect(readFileSync(join(out, 'README.md'), 'utf8').match(/^\| \d+ x .*OpenBLAS 0\.3\.21/gm)).toHaveLength(3);
  });

  it("hands on the agent's refusal", async () => {
    const { code, stderr } = await trainer('nonesuch.json', '--out', join(folder, 'refused'));
    expect(stderr).toMatch(/^error: There is no file "nonesuch\.json"/);
    expect(code).toBe(5);
  });

  it('says what is missing where the run measured something else', async () => {
    const { code, stderr } = await trainer(
      'strassen',
      '--measurements',
      join(folder, 'run'),
      '--out',
      join(folder, 'x'),
    );
    expect(stderr).toMatch(/has no measurement of this algorithm with the variant packed/);
    expect(code).toBe(5);
  });
});

describe('at-agent benchmark --keep', () => {
  it.for([
    [['baseline'], /name an algorithm to keep/],
    [['strassen', '--variant', 'temporaries'], /variant packed/],
  ] as const)('refuses %j before it measures', async ([args, sentence]) => {
    const { code, stderr } = await runAgent('benchmark', ...args, '--problem', '256', '--keep', join(folder, 'kept'));
    expect(stderr).toMatch(sentence);
    expect(code).toBe(2);
  });

  it('writes what it measured', async (context) => {
    await needs(context, 'gcc');
    const out = join(folder, 'kept');
    const { code, stdout } = await runAgent(
      ...['benchmark', 'strassen', '--problem', '128', '--budget', '2s', '--tune-plans', '2', '--keep', out, '--json'],
    );
    expect(code).toBe(0);
    const { measurement, environment, library } = JSON.parse(stdout);
    const source = readFileSync(join(out, 'fastmm_f32.c'), 'utf8');
    expect(source).toContain(`those for ${vectorIsa()} were measured to be the fastest`);
    expect(source).toContain(`#define AT_KC ${environment.kernelPlan.kc}\n`);
    expect(library.crossovers).toEqual({
      f32: {
        // Left out: never.
        ...(measurement.speedup.low > 1 ? { size: 128 } : {}),
        origin: expect.stringMatching(/^Measured: /),
      },
    });
    expect(readFileSync(join(out, 'README.md'), 'utf8')).toMatch(/^\| 128 x 128 x 128 \| f32 \| 1 \|/m);
  });
});
