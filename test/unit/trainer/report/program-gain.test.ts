import type { DispatchEntry, DispatchWinner } from '@alphatensor-edge/shared';
import { describe, expect, it } from 'vitest';
import { programGain } from '../../../../trainer/src/report/program-gain.js';
import { programGainLines } from '../../../../trainer/src/report/program-gain-words.js';
import type { TunedProgram } from '../../../../trainer/src/run/tuned-program.js';

const product = {
  m: 512,
  k: 128,
  n: 256,
  dtype: 'f32' as const,
  threads: 2,
  calls: 9,
  seconds: 5,
  share: 0.5,
  shapes: 3,
};
const program: TunedProgram = {
  ...{ format: 'alphatensor-program', version: 1, profile: 'p.json', command: ['app', '-x'], seconds: 10 },
  ...{ device: { id: 'id', cpu: 'cpu' }, libraries: [], othersShare: 0.05 },
  products: [
    { ...product, leftOut: '' },
    { ...product, m: 1024, share: 0.2, shapes: 1, leftOut: '' },
    { ...product, k: 20, share: 0.1, shapes: 1, leftOut: '20 is too short' },
  ],
};
const winner = {
  ...{ label: 'winograd', speedup: { estimate: 1.25, low: 1.2, high: 1.3 }, fasterThanBaseline: true },
  ...{ notClaimedBecause: '', flags: [], levels: [], rank: 7, against: 'BLAS', vectorIsa: '', plan: null },
} satisfies DispatchWinner;
const entry = (m: number, chosen: DispatchWinner | null): DispatchEntry => ({
  ...{ problem: { m, k: 128, n: 256, dtype: 'f32', threads: 2 }, winner: chosen, reason: 'No.', finalists: [winner] },
});

describe('programGain', () => {
  it('predicts the whole from what each product saves of the time', () => {
    const gain = programGain('run', program, { device: {}, entries: [entry(512, winner), entry(1024, null)] });
    // Half of the time becomes 1.25 times as fast.
    expect(gain.speedup).toBeCloseTo(1 / (0.5 + 0.5 / 1.25));
    expect(programGainLines(gain)).toEqual([
      'app -x: predicted to be 1.111 times as fast as a whole. The products that were measured are 70.0 % of its time; 10.0 % are products that were left out, and 5.0 % are functions that no library takes.',
      '  50.0 %  512×128×256 f32, threads 2, 9 calls, with 2 similar: winograd, 1.250x, saves 10.0 %',
      '  20.0 %  1024×128×256 f32, threads 2, 9 calls: the baseline: No.',
      '  10.0 %  512×20×256 f32, threads 2, 9 calls: the baseline: 20 is too short',
    ]);
  });

  it('predicts nothing of what was not measured', () => {
    const gain = programGain('run', program, { device: {}, entries: [{ ...entry(512, null), finalists: [] }] });
    expect(gain).toMatchObject({ speedup: 1, measuredShare: 0 });
    expect(gain.products.map(({ reason }) => reason)).toEqual(['No.', 'It was not reached.', '20 is too short']);
  });
});
