import { compose, contentHash, countNonzeros, laderman, strassen, winograd } from '@alphatensor-edge/shared';
import { describe, expect, it } from 'vitest';
import { candidate } from '../../../../trainer/src/fleet/algorithms.js';
import { candidatesFor, ownGemm } from '../../../../trainer/src/tune/candidates.js';
import { algorithmFile, dispatchEntry } from '../../../../trainer/src/tune/dispatch.js';
import { planRungs, survivors } from '../../../../trainer/src/tune/halving.js';
import { parseLevelRange, parseTunedProblem } from '../../../../trainer/src/tune/problems.js';
import { answersFor } from '../../../../trainer/src/tune/tune.js';
import { measured, outcome } from '../../../support/agent.js';
import { cube, measurementRow } from '../../../support/report-rows.js';

const record = (factorization = strassen()) => ({ factorization, origin: 'imported' as const });

describe('what is asked for', () => {
  it('is a problem with a number format and threads of its own, where it names them', () => {
    expect(parseTunedProblem('2048', 'f32', 1)).toEqual(cube(2048));
    expect(parseTunedProblem('8x9x10:f64:2', 'f32', 1)).toEqual({ m: 8, k: 9, n: 10, dtype: 'f64', threads: 2 });
    expect(parseTunedProblem('8:3', 'f64', 1)).toEqual({ m: 8, k: 8, n: 8, dtype: 'f64', threads: 3 });
    expect(() => parseTunedProblem('8:f16', 'f32', 1)).toThrow(/"8:f16" is not a problem; write MxKxN, and after it/);
    expect(() => parseTunedProblem('0:f64', 'f32', 1)).toThrow(/"0" is not a problem/);
  });

  it('is a number of levels or a range', () => {
    expect(parseLevelRange('2')).toEqual([2, 2]);
    expect(parseLevelRange('0..3')).toEqual([0, 3]);
    for (const text of ['3..1', '0..5', 'x', '']) expect(() => parseLevelRange(text)).toThrow(/a range such as 0\.\.3/);
  });
});

describe('the rungs', () => {
  it('have a third of the candidates of the one before and three times its time for each', () => {
    const rungs = planRungs(40);
    expect(rungs.map(({ count }) => count)).toEqual([40, 14, 5, 2]);
    rungs.slice(1).forEach(({ seconds }, i) => {
      expect(seconds / rungs[i].seconds).toBeCloseTo(3, 10);
    });
    expect(rungs.map(({ isLast }) => isLast)).toEqual([false, false, false, true]);
    expect(rungs[3].seconds).toBe(30);
  });

  it('share half of a budget', () => {
    const rungs = planRungs(40, 200);
    expect(rungs.reduce((sum, { count, seconds }) => sum + count * seconds, 0)).toBeCloseTo(100, 6);
  });

  it('are one, the full protocol, for few candidates and for none', () => {
    for (const count of [0, 1, 2]) expect(planRungs(count)).toEqual([{ count, seconds: 30, isLast: true }]);
  });

  it('keep the fastest, and drop what came to no measurement', () => {
    const trials = [
      { candidate: 'a', speedup: 0.9 },
      { candidate: 'b', speedup: undefined },
      { candidate: 'c', speedup: 1.2 },
      { candidate: 'd', speedup: 1.1 },
    ];
    expect(survivors(trials, 2)).toEqual(['c', 'd']);
    expect(survivors(trials, 9)).toEqual(['c', 'd', 'a']);
  });
});

describe('the candidates', () => {
  const labels = (...options: Parameters<typeof candidatesFor>): string[] =>
    candidatesFor(...options).map(({ algorithm }) => algorithm.label.replace(/ [0-9a-f]{6}/, ''));
  const settings = { levels: [0, 3] as const, mixed: false, variant: 'packed' };

  it('are every algorithm at every number of levels, each once', () => {
    expect(labels([record(), record()], cube(512), settings)).toEqual(['<2,2,2;7>', '<2,2,2;7>²', '<2,2,2;7>³']);
  });

  it('leave blocks of at least 32, and no more products than a packed program may have', () => {
    expect(labels([record()], cube(128), settings)).toEqual(['<2,2,2;7>', '<2,2,2;7>²']);
    expect(labels([record()], { ...cube(1024), n: 40 }, settings)).toEqual([]);
    expect(labels([record(laderman())], cube(4096), settings)).toEqual(['<3,3,3;23>']);
    expect(labels([record(laderman())], cube(4096), { ...settings, variant: 'temporaries' })).toEqual([
      '<3,3,3;23>',
      '<3,3,3;23>²',
    ]);
  });

  it('are mixed where that is asked for, with the figures of the composition', () => {
    const mixed = candidatesFor([record(), record(laderman())], cube(1024), { ...settings, mixed: true }).filter(
      ({ algorithm }) => algorithm.label.includes('over'),
    );
    expect(mixed.map(({ algorithm }) => algorithm.rank)).toEqual([161, 161]);
    expect(mixed[0].algorithm).toMatchObject({
      size: { n: 6, m: 6, p: 6 },
      levels: [contentHash(strassen()), contentHash(laderman())],
    });
    expect(mixed[0].algorithm.nonzeros).toBe(countNonzeros(compose(strassen(), laderman())));
    expect(mixed[1].levels).toEqual([laderman(), strassen()]);
  });
});

describe('the choice', () => {
  const row = (speedup: number, seed: number, noise = 0.01, factorization = strassen()) =>
    measurementRow({
      ...{ speedup, seed, noise, problem: cube(1024), variant: 'packed' },
      algorithm: candidate(record(factorization), 'imported').algorithm,
    });

  it('is the candidate whose interval has the highest lower end, not the luckiest estimate', () => {
    const steady = row(1.2, 1, 0.005);
    const noisy = row(1.24, 2, 0.25, winograd());
    const entry = dispatchEntry(cube(1024), [noisy, steady]);
    expect(noisy.outcome.measurement?.speedup?.low).toBeLessThan(steady.outcome.measurement?.speedup?.low ?? 0);
    expect(entry.winner).toMatchObject({
      levels: [algorithmFile(contentHash(strassen()))],
      rank: 7,
      against: 'OpenBLAS 0.3.21',
      vectorIsa: 'avx512',
      speedup: steady.outcome.measurement?.speedup,
    });
    expect(entry.finalists).toHaveLength(2);
  });

  it('is the baseline where no interval lies above 1', () => {
    const entry = dispatchEntry(cube(1024), [row(0.95, 3), row(1.001, 4, 0.05)]);
    expect(entry.winner).toBeNull();
    expect(entry.reason).toMatch(/No candidate’s interval lies above 1/);
  });

  it('is the baseline where there was none to compare with, or nothing was measured to the end', () => {
    const portable = measurementRow({
      ...{ algorithm: ownGemm().algorithm, problem: cube(64), speedup: 3, seed: 5 },
      environment: {
        blas: { name: 'portable', version: '', library: '', configuration: '', thirdParty: false, environment: {} },
      },
    });
    expect(dispatchEntry(cube(64), [portable])).toMatchObject({ winner: null });
    expect(dispatchEntry(cube(64), undefined).reason).toMatch(/not measured to the end/);
    const crashed = measurementRow({
      ...{ algorithm: ownGemm().algorithm, problem: cube(64), seed: 6 },
      kind: 'OUTCOME_KIND_CRASHED',
    });
    expect(dispatchEntry(cube(64), [crashed]).reason).toMatch(/No candidate could be measured/);
  });
});

describe('what the store has', () => {
  it('answers for a rung if it was measured for as long, or failed for good', () => {
    const problem = cube(64);
    const base = measurementRow({ algorithm: ownGemm().algorithm, problem, seed: 7 });
    // The protocol of the made-up measurement is the agent's default, 30 s.
    expect(answersFor({ ...base, outcome: measured(1.1) }, 30)).toBe(true);
    expect(answersFor({ ...base, outcome: measured(1.1) }, 31)).toBe(false);
    expect(answersFor({ ...base, outcome: outcome('OUTCOME_KIND_WRONG_RESULT') }, 1000)).toBe(true);
    expect(answersFor({ ...base, outcome: outcome('OUTCOME_KIND_CANCELLED') }, 1)).toBe(false);
  });
});
