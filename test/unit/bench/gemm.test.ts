import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { loadEarlier } from '../../bench/gemm/earlier.js';
import { type Fitting, judge, type Library } from '../../bench/gemm/judge.js';
import { readOptions } from '../../bench/gemm/options.js';
import type { MeasuredRow, Report } from '../../bench/gemm/report.js';
import { summarize } from '../../bench/gemm/summary.js';
import { renderReport } from '../../bench/gemm/table.js';

const ROUNDS = 9;
const seconds = (median: number): number[] => Array.from({ length: ROUNDS }, (_, i) => median * (1 + (i - 4) / 1000));

const library: Library = {
  name: 'OpenBLAS',
  version: '0.3.21',
  library: 'libopenblas.so',
  configuration: '',
  thirdParty: true,
  environment: {},
  side: 'B',
};
const LEVEL = { n: 2, m: 2, p: 2, rank: 7 };
const PLAIN = { n: 1, m: 1, p: 1, rank: 1 };
const program = (name: string, side: string, isEarlier = false, earlierSide?: string, levels = [LEVEL]): Fitting => ({
  name,
  side,
  earlierSide,
  isEarlier,
  levels,
  growth: 2,
  program: { kernel: undefined } as unknown as Fitting['program'],
  path: '',
  compileSeconds: null,
  workspaceBytes: 1024 ** 2,
});
const problem = { m: 64, k: 64, n: 64, dtype: 'f32', threads: 1 } as const;
const times = { B: seconds(0.3), b: seconds(0.22), a: seconds(0.2), o: seconds(0.25) };
const phases = { total: 1, pack: 0.2, multiply: 0.7, combine: 0.1 };
const judged = judge(
  problem,
  {
    libraries: [library],
    fitting: [
      program('own', 'o', false, undefined, [PLAIN]),
      program('W1', 'a', false, 'b'),
      program('W1 earlier', 'b', true),
    ],
    leftOut: [],
    rounds: { seconds: times, cpuSeconds: times, peakGflops: 100 },
    errors: { B: 1e-7, a: 3e-7, b: 3e-7, o: 0.8e-7 },
    phases: { a: phases, b: phases, o: phases },
  },
  { clock: 'wall', seed: 1, maxError: 3.5 },
);

it('gives a program its ratio over the baseline and over the same program of the earlier commit', () => {
  const [, ours, earlier] = judged.programs;
  expect(ours.ratio.estimate).toBeCloseTo(1.5, 6);
  expect(ours.overEarlier?.estimate).toBeCloseTo(1.1, 6);
  expect(ours.overEarlier?.low).toBeLessThanOrEqual(1.1);
  expect(earlier.ratio.estimate).toBeCloseTo(0.3 / 0.22, 6);
  expect(earlier.overEarlier).toBeUndefined();
  expect(ours.errorFactor).toBeCloseTo(3, 6);
});

it('compares a program with what its algorithm could have beside own, and its error with the smaller of two', () => {
  const [own, ours] = judged.programs;
  expect(ours.shareOfIdeal?.estimate).toBeCloseTo((0.25 / 0.2) * (7 / 8), 6);
  expect(own.shareOfIdeal?.estimate).toBeCloseTo(1, 6);
  // The library errs by 1e-7, own by 0.8e-7.
  expect(ours.errorOverLeast).toBeCloseTo(3.75, 6);
  expect([own.isOverMaxError, ours.isOverMaxError]).toEqual([false, true]);
  expect(ours.workspaceShare).toBeCloseTo(1024 ** 2 / (3 * 64 ** 2 * 4), 6);
});

it('names the best of each shape and their geometric mean, and those within the bound', () => {
  const row = { ...judged, ...problem, outcome: 'MEASURED' } as unknown as MeasuredRow;
  const [own, ours] = judged.programs;
  const ratio = { estimate: 1.35, low: 1.3, high: 1.4 };
  const other = { ...row, m: 16, programs: [own, { ...ours, ratio, isOverMaxError: false }] };
  const [summary, ...rest] = summarize([row, other]);
  expect(rest).toEqual([]);
  expect(summary.choices.map(({ shape, fast, accurate }) => [shape, fast.name, accurate?.name])).toEqual([
    ['64', 'W1', 'own'],
    ['16x64x64', 'W1', 'W1'],
  ]);
  expect(summary.fastMean).toBeCloseTo(Math.sqrt(1.5 * 1.35), 6);
  expect(summary.accurateMean).toBeCloseTo(Math.sqrt(own.ratio.estimate * 1.35), 6);
  // One shape has no mean; those of another type or number of threads are apart.
  expect(summarize([row, { ...other, threads: 2 }])).toEqual([]);
  const bounded = { ...row, programs: row.programs.map((each) => ({ ...each, workspaceBound: '1x' })) };
  expect(summarize([row, row, bounded, bounded]).map(({ workspaceBound }) => workspaceBound)).toEqual([
    undefined,
    '1x',
  ]);
});

it('prints the ratio over the earlier commit only where there is one', () => {
  const row = { ...judged, ...problem, outcome: 'MEASURED', rounds: ROUNDS, peakGflops: 100 };
  const report = (earlier: string | null): Report =>
    ({
      machine: { cpuModel: 'Test', cpus: 2, vectorIsa: 'avx2' },
      compiler: { version: 'gcc 12', flags: ['-O3'] },
      loadAverage: { before: 0, after: 0 },
      earlier,
      options: {},
      rows: [row as unknown as MeasuredRow],
    }) as unknown as Report;
  expect(renderReport(report('/clone'))).toMatch(/W1 +1\.100 +\[1\.100, 1\.100\] +1\.500 +\[1\.500, 1\.500\]/);
  expect(renderReport(report(null))).toMatch(/W1 +1\.500 +\[1\.500, 1\.500\]/);
  expect(renderReport(report(null))).not.toContain('over earlier');
});

it('takes the generator and the headers of a built clone, and refuses any other folder', async () => {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const earlier = await loadEarlier(root);
  expect(earlier.cProgram).toBeTypeOf('function');
  expect(earlier.native).toMatch(/agent\/native$/);
  await expect(loadEarlier(fileURLToPath(new URL('.', import.meta.url)))).rejects.toThrow(
    '--against takes a built clone',
  );
});

it('takes sizes, shapes, and sets of shapes', () => {
  const shapes = (...args: string[]) => readOptions(args).problems.map(({ m, k, n }) => `${m}x${k}x${n}`);
  expect(shapes()).toEqual(['1024x1024x1024', '2048x2048x2048', '4096x4096x4096']);
  expect(shapes('--shapes', '512x64x96')).toEqual(['512x64x96']);
  expect(shapes('--sizes', '64', '--shapes', 'llm')).toHaveLength(6);
  expect(() => shapes('--shapes', '512x64')).toThrow('write MxKxN');
  expect(readOptions(['--programs', 'W2', '--max-error', '4x'])).toMatchObject({
    programs: ['own', 'W2'],
    maxError: 4,
  });
  expect(() => readOptions(['--max-error', 'four'])).toThrow('--max-error must be a number');
  expect(() => readOptions(['--venv', 'x'])).toThrow('--venv needs --baselines pypi');
});

it('takes a budget in seconds or as a duration', () => {
  expect(readOptions(['--budget', '15']).budgetSeconds).toBe(15);
  expect(readOptions(['--budget', '2m']).budgetSeconds).toBe(120);
  expect(() => readOptions(['--programs', 'W2', '--kernel', 'depth=1'])).toThrow('--kernel must be one of');
});
