import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { loadEarlier } from '../../bench/gemm/earlier.js';
import { type Fitting, judge, type Library } from '../../bench/gemm/judge.js';
import { readOptions } from '../../bench/gemm/options.js';
import type { MeasuredRow, Report } from '../../bench/gemm/report.js';
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
const program = (name: string, side: string, earlierSide?: string): Fitting => ({
  name,
  side,
  earlierSide,
  isEarlier: earlierSide === undefined,
  levels: [{ n: 2, m: 2, p: 2, rank: 7 }],
  program: { kernel: undefined } as unknown as Fitting['program'],
  path: '',
  compileSeconds: null,
  workspaceBytes: 1024 ** 2,
});
const problem = { m: 64, k: 64, n: 64, dtype: 'f32', threads: 1 } as const;
const times = { B: seconds(0.3), b: seconds(0.22), a: seconds(0.2) };
const phases = { total: 1, pack: 0.2, multiply: 0.7, combine: 0.1 };
const judged = judge(
  problem,
  {
    libraries: [library],
    fitting: [program('W1', 'a', 'b'), program('W1 earlier', 'b')],
    leftOut: [],
    rounds: { seconds: times, cpuSeconds: times, peakGflops: 100 },
    errors: { B: 1e-7, a: 3e-7, b: 3e-7 },
    phases: { a: phases, b: phases },
  },
  { clock: 'wall', seed: 1 },
);

it('gives a program its ratio over the baseline and over the same program of the earlier commit', () => {
  const [ours, earlier] = judged.programs;
  expect(ours.ratio.estimate).toBeCloseTo(1.5, 6);
  expect(ours.overEarlier?.estimate).toBeCloseTo(1.1, 6);
  expect(ours.overEarlier?.low).toBeLessThanOrEqual(1.1);
  expect(earlier.ratio.estimate).toBeCloseTo(0.3 / 0.22, 6);
  expect(earlier.overEarlier).toBeUndefined();
  expect(ours.errorFactor).toBeCloseTo(3, 6);
});

it('prints the ratio over the earlier commit only where there is one', () => {
  const row = { ...judged, size: 64, dtype: 'f32', threads: 1, outcome: 'MEASURED', rounds: ROUNDS, peakGflops: 100 };
  const report = (earlier: string | null): Report =>
    ({
      machine: { cpuModel: 'Test', cpus: 2, vectorIsa: 'avx2' },
      compiler: { version: 'gcc 12', flags: ['-O3'] },
      loadAverage: { before: 0, after: 0 },
      earlier,
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

it('takes a budget in seconds or as a duration', () => {
  expect(readOptions(['--budget', '15']).budgetSeconds).toBe(15);
  expect(readOptions(['--budget', '2m']).budgetSeconds).toBe(120);
  expect(() => readOptions(['--programs', 'W2', '--kernel', 'depth=1'])).toThrow('--kernel must be one of');
});
