import {
  contentHash,
  type FactorizationRecord,
  laderman,
  packedAlgorithm,
  packedLevelWork,
  packedWork,
  secondsFor,
  standard,
  strassen,
  winograd,
} from '@alphatensor-edge/shared';
import { describe, expect, it } from 'vitest';
import { candidate } from '../../../../trainer/src/fleet/algorithms.js';
import { buildReport, type RunData } from '../../../../trainer/src/report/model.js';
import { cube, measurementRow } from '../../../support/report-rows.js';

const SECONDS = [2.1e-11, 6e-11, 1.2e-10, 1e-10, 4e-11, 3e-5];
const plan = { mr: 14, lines: 2, kc: 384, tileRows: 252, tileColumns: 512, streamAboveBytes: 1, nearBytes: 0 };

describe('predicted times', () => {
  const records = [standard({ n: 1, m: 1, p: 1 }), strassen(), winograd(), laderman()].map(
    (factorization): FactorizationRecord => ({ factorization, origin: 'imported' }),
  );
  const algorithms = new Map(records.map((record) => [contentHash(record.factorization), record]));
  const baselineSeconds = (size: number): number => (2 * size ** 3) / (0.9 * 120e9);
  let seed = 0;
  const measured = [512, 1024, 2048].flatMap((size) =>
    records.flatMap((record) =>
      (record.factorization.rank === 1 ? [1] : [1, 2]).map((depth) => {
        const work = packedAlgorithm(Array.from({ length: depth }, () => packedLevelWork(record.factorization)));
        const problem = { m: size, k: size, n: size, threads: 1, elementBytes: 4 };
        const seconds = secondsFor(packedWork(work, { mr: 14, nr: 32, kc: 384 }, problem), SECONDS);
        return measurementRow({
          ...{ algorithm: candidate(record, 'imported', { depth }).algorithm, problem: cube(size), variant: 'packed' },
          ...{ seed: seed++, noise: 0, speedup: baselineSeconds(size) / seconds, environment: { kernelPlan: plan } },
        });
      }),
    ),
  );
  const run = (command: string, measurements = measured): RunData => ({
    ...{ name: 'run', config: { command, demonstrations: [] }, metrics: [], factorizations: [], notes: [] },
    ...{ algorithms, measurements },
  });

  it('use earlier measurements only, and come close where the device is as the model says', () => {
    const [fit, ...others] = buildReport([run('tune')]).timeFits;
    expect(others).toEqual([]);
    // Own <1,1,1> is timed whatever is predicted.
    const predicted = measured.filter(({ algorithm }) => algorithm.rank > 1);
    expect(fit.points.map(({ label }) => label)).toEqual(predicted.map(({ algorithm }) => algorithm.label));
    expect(fit.error90).toBeLessThan(0.2);
    expect(fit.medianError).toBeLessThan(fit.error90);
    const late = fit.points.slice(-6).map((point) => Math.abs(point.predicted / point.measured - 1));
    expect(Math.max(...late)).toBeLessThan(0.05);
  });

  it('count each algorithm once for a problem, and are of tuning runs alone', () => {
    const again = measured.map((row, index) => ({
      ...row,
      jobId: `again-${index}`,
      createdAt: '2026-02-01T00:00:00Z',
    }));
    const [fit] = buildReport([run('tune', [...measured, ...again])]).timeFits;
    expect(fit.points).toHaveLength(measured.filter(({ algorithm }) => algorithm.rank > 1).length);
    expect(buildReport([run('finetune')]).timeFits).toEqual([]);
  });
});
