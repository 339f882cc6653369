import {
  compose,
  contentHash,
  countNonzeros,
  type DispatchObjective,
  laderman,
  strassen,
  winograd,
} from '@alphatensor-edge/shared';
import { describe, expect, it } from 'vitest';
import { candidate } from '../../../../trainer/src/fleet/algorithms.js';
import { parseMaxError } from '../../../../trainer/src/fleet/error-bound.js';
import type { MeasurementRow } from '../../../../trainer/src/fleet/measurement.js';
import { answersFor } from '../../../../trainer/src/tune/bench.js';
import {
  candidateOf,
  combinationsOf,
  isLargeEnough,
  ownGemm,
  schemesOf,
} from '../../../../trainer/src/tune/combinations.js';
import { algorithmFile, dispatchEntry, type MeasuredProblem } from '../../../../trainer/src/tune/dispatch.js';
import { planRungs, survivors } from '../../../../trainer/src/tune/halving.js';
import { parseLevelRange, parseTunedProblem } from '../../../../trainer/src/tune/problems.js';
import { effectiveGrowth, errorPredictor, inOrderOfTrial } from '../../../../trainer/src/tune/ranking.js';
import { measured, outcome } from '../../../support/agent.js';
import { cube, measurementRow } from '../../../support/report-rows.js';

const record = (factorization = strassen()) => ({ factorization, origin: 'imported' as const });

describe('what is asked for', () => {
  it('is a problem with a number format and threads of its own, where it names them', () => {
    expect(parseTunedProblem('2048', 'f32', 1)).toEqual(cube(2048));
    expect(parseTunedProblem('8x9x10:f64:2', 'f32', 1)).toEqual({ m: 8, k: 9, n: 10, dtype: 'f64', threads: 2 });
    expect(parseTunedProblem('8:3', 'f64', 1)).toEqual({ m: 8, k: 8, n: 8, dtype: 'f64', threads: 3 });
    expect(parseTunedProblem('8:f64:nt', 'f32', 1)).toMatchObject({ dtype: 'f64', threads: 1, transposed: 'nt' });
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

  it('share the time for timing', () => {
    const rungs = planRungs(40, 100);
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

  it('keep only what is accurate enough, and the most accurate of those about as fast as the fastest', () => {
    const trials = [
      { candidate: 'inaccurate', speedup: 1.5, error: 9 },
      { candidate: 'fastest', speedup: 1.4, error: 3.9 },
      { candidate: 'second', speedup: 1.39, error: 3.5 },
      { candidate: 'accurate', speedup: 1.37, error: 2.5 },
      { candidate: 'slow', speedup: 1.1, error: 1.5 },
    ];
    const isAccurate = (error: number | undefined): boolean => error !== undefined && error <= 4;
    expect(survivors(trials, 2, isAccurate)).toEqual(['fastest', 'second', 'accurate']);
    expect(survivors(trials, 1, () => false)).toEqual(['inaccurate']);
  });
});

describe('the candidates', () => {
  type Parts = [unknown, Parameters<typeof isLargeEnough>[0], Parameters<typeof combinationsOf>[1]];
  const candidatesFor = (records: Parameters<typeof schemesOf>[0], problem: Parts[1], options: Parts[2]) =>
    combinationsOf(schemesOf(records), options)
      .filter((combination) => isLargeEnough(problem, combination))
      .map(candidateOf);
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

describe('the order of trial', () => {
  const expected = (rank: number, seconds: number, error: number) => ({
    combination: {
      schemes: [],
      work: { n: 2, m: 2, p: 2, rank, additions: [0, 0, 0] as const, touches: [1, 1, 1] as const },
      growth: error,
    },
    ...{ seconds, error },
  });

  it('is by predicted time, the more accurate first where that is about equal, and spreads those of one kind', () => {
    const [winograd, strassen, evenpow] = [expected(7, 1, 2.65), expected(7, 1.004, 2), expected(7, 1.008, 1.68)];
    const other = expected(8, 1.012, 1);
    const slow = expected(8, 1.5, 1);
    expect(inOrderOfTrial([slow, winograd, other, strassen, evenpow], null)).toEqual([
      evenpow,
      other,
      strassen,
      winograd,
      slow,
    ]);
  });

  it('puts back what is like those that were tried before', () => {
    const [strassen, other] = [expected(7, 1, 2), expected(8, 1.05, 1)];
    expect(inOrderOfTrial([other, strassen], null)).toEqual([strassen, other]);
    const tried = [strassen.combination, strassen.combination];
    expect(inOrderOfTrial([other, strassen], null, tried)).toEqual([other, strassen]);
  });

  it('counts with shorter sums in the leaves, as far as sums are taken at a time', () => {
    expect(effectiveGrowth(4.76, 8, 4096, 512)).toBe(4.76);
    expect(effectiveGrowth(4.76, 8, 2048, 512)).toBeCloseTo(4.76 / Math.SQRT2, 12);
    expect(effectiveGrowth(2, 2, 512, 512)).toBeCloseTo(2 / Math.SQRT2, 12);
  });

  it('predicts errors from growth, from own <1,1,1> and, once there are enough, from what was measured', () => {
    expect(errorPredictor(1.5, []).predict(2)).toBe(3);
    const measured = [0.8, 0.8, 1.6].map((factor) => ({ growth: 2, ratio: 2 * 1.5 * factor }));
    const { predict, margin } = errorPredictor(1.5, measured);
    expect(predict(4)).toBeCloseTo(4.8, 12);
    expect(margin).toBeLessThan(errorPredictor(1.5, measured.slice(1)).margin);
  });
});

describe('the choice', () => {
  const objective = { maxError: 4, prefer: 'fast' } as const;
  const entryOf = (rows: MeasurementRow[], wanted: DispatchObjective = objective, isComplete = true) =>
    dispatchEntry({ problem: rows[0]?.problem ?? cube(1024), rows, isComplete } as MeasuredProblem, wanted);
  const row = (speedup: number, seed: number, noise = 0.01, factorization = strassen(), error = 3.1e-7) =>
    measurementRow({
      ...{ speedup, seed, noise, problem: cube(1024), variant: 'packed' },
      measurement: { relativeError: error },
      algorithm: candidate(record(factorization), 'imported').algorithm,
    });
  // The baseline's error in the made-up rows is 1.9e-7.
  const own = (error: number) =>
    measurementRow({
      ...{ algorithm: ownGemm().algorithm, problem: cube(1024), speedup: 0.99, seed: 9 },
      measurement: { relativeError: error },
    });

  it('is the candidate whose interval has the highest lower end, not the luckiest estimate', () => {
    const steady = row(1.2, 1, 0.005);
    const noisy = row(1.24, 2, 0.25, winograd());
    const entry = entryOf([noisy, steady]);
    expect(noisy.outcome.measurement?.speedup?.low).toBeLessThan(steady.outcome.measurement?.speedup?.low ?? 0);
    expect(entry.winner).toMatchObject({
      levels: [algorithmFile(contentHash(strassen()))],
      rank: 7,
      against: 'OpenBLAS 0.3.21',
      vectorIsa: 'avx512',
      speedup: steady.outcome.measurement?.speedup,
      errorRatio: 3.1e-7 / 1.9e-7,
      growth: 2,
    });
    expect(entry.finalists).toHaveLength(2);
  });

  it('holds the fastest and the most accurate within 1 % of it, and prefers the one that is asked for', () => {
    const fast = row(1.3, 1, 0.001, winograd(), 6e-7);
    const accurate = row(1.295, 2, 0.001, strassen(), 3e-7);
    const slower = row(1.25, 3, 0.001, laderman(), 1e-7);
    const entry = entryOf([fast, accurate, slower]);
    expect(entry).toMatchObject({ winner: { rank: 7, relativeError: 6e-7 }, accurate: { relativeError: 3e-7 } });
    expect(entry.winner).toEqual(entry.fast);
    const preferring = entryOf([fast, accurate, slower], { ...objective, prefer: 'accurate' });
    expect(preferring.winner).toEqual(preferring.accurate);
    expect(preferring.reason).toMatch(/smallest error of those at most 1 % slower than the fastest/);
  });

  it('is bounded by a multiple of the smaller error of the baseline and of the own GEMM', () => {
    const [fast, slow] = [row(1.3, 1, 0.001, winograd(), 7e-7), row(1.1, 2, 0.001, strassen(), 3e-7)];
    // 7e-7 is 3.7 times the baseline's error, but 7 times that of the own GEMM.
    expect(entryOf([fast, slow]).winner?.speedup.estimate).toBeCloseTo(1.3, 2);
    expect(entryOf([fast, slow, own(1e-7)]).winner?.speedup.estimate).toBeCloseTo(1.1, 2);
    // An inaccurate own GEMM loosens nothing either.
    expect(entryOf([fast, slow, own(9e-7)], { ...objective, maxError: 3 }).winner?.speedup.estimate).toBeCloseTo(
      1.1,
      2,
    );
    const none = entryOf([fast, slow, own(1e-7)], { ...objective, maxError: 2 });
    expect([none.winner, none.reason]).toEqual([
      null,
      expect.stringMatching(/more than 2x the error of a plain product/),
    ]);
    expect(entryOf([fast, own(1e-9)], { ...objective, maxError: null }).winner?.speedup.estimate).toBeCloseTo(1.3, 2);
    expect([parseMaxError('3x'), parseMaxError('2.5'), parseMaxError('none')]).toEqual([3, 2.5, null]);
    for (const text of ['0.5x', 'x', '3y', '']) expect(() => parseMaxError(text)).toThrow(/such as 3x/);
  });

  it('is the baseline where no interval lies above 1', () => {
    const entry = entryOf([row(0.95, 3), row(1.001, 4, 0.05)]);
    expect(entry).toMatchObject({ winner: null, fast: null, accurate: null });
    expect(entry.reason).toMatch(/No candidate’s interval lies above 1/);
  });

  it('is the best of what was measured where the time ended before the last round, and says so', () => {
    const entry = entryOf([row(1.2, 1), row(1.1, 2)], objective, false);
    expect(entry).toMatchObject({ winner: { label: expect.any(String) }, isComplete: false });
    expect(entry.reason).toMatch(/^The search ended before its last round, so this is the best of what was measured\./);
    expect(entryOf([], objective, false).reason).toMatch(/Nothing was measured/);
  });

  it('is the baseline where there was none to compare with, or nothing could be measured', () => {
    const portable = measurementRow({
      ...{ algorithm: ownGemm().algorithm, problem: cube(64), speedup: 3, seed: 5 },
      environment: {
        blas: { name: 'portable', version: '', library: '', configuration: '', thirdParty: false, environment: {} },
      },
    });
    expect(entryOf([portable])).toMatchObject({ winner: null });
    const crashed = measurementRow({
      ...{ algorithm: ownGemm().algorithm, problem: cube(64), seed: 6 },
      kind: 'OUTCOME_KIND_CRASHED',
    });
    expect(entryOf([crashed]).reason).toMatch(/No candidate could be measured/);
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
