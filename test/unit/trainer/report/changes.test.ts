import { describe, expect, it } from 'vitest';
import { references } from '../../../../trainer/src/fleet/algorithms.js';
import type { MeasurementRow } from '../../../../trainer/src/fleet/measurement.js';
import { buildReport } from '../../../../trainer/src/report/model.js';
import { formatChanges } from '../../../../trainer/src/report/terminal.js';
import type { RunData } from '../../../../trainer/src/run/reader.js';
import { cube, LAPTOP, measurementRow, SERVER } from '../../../support/report-rows.js';

const [, strassen, strassenTwice, winograd] = references().map(({ algorithm }) => algorithm);

function runOf(measurements: MeasurementRow[]): RunData {
  return {
    ...{ name: 'run', config: {}, metrics: [], factorizations: [] },
    measurements,
    algorithms: new Map(),
    notes: [],
  };
}

describe('changes against a reference', () => {
  const before = [
    measurementRow({ algorithm: strassen, problem: cube(512), seed: 1, speedup: 1.3 }),
    measurementRow({ algorithm: strassenTwice, problem: cube(512), seed: 2, speedup: 1.1 }),
    measurementRow({ algorithm: strassen, problem: cube(1024), seed: 3, speedup: 1.2 }),
  ];
  const after = [
    measurementRow({ algorithm: strassen, problem: cube(512), seed: 4, speedup: 1.2 }),
    measurementRow({ algorithm: strassenTwice, problem: cube(512), seed: 5, speedup: 1.25 }),
    measurementRow({ algorithm: strassen, problem: cube(1024), seed: 3, speedup: 1.2 }),
    measurementRow({ algorithm: winograd, problem: cube(512), seed: 6 }),
    measurementRow({ algorithm: strassen, problem: cube(512), seed: 7, device: LAPTOP }),
  ];
  const report = buildReport([runOf(after)], { against: { name: 'before', runs: [runOf(before)] } });

  it('tell slower, faster, new and the same apart, row by row', () => {
    const kinds = report.changes?.rows.map(({ deviceId, problem, label, kind }) => [deviceId, problem.n, label, kind]);
    expect(kinds).toEqual([
      ['id-build-01', 512, 'Strassen', 'slower'],
      ['id-build-01', 512, 'Strassen²', 'faster'],
      ['id-build-01', 512, 'Winograd', 'new'],
      ['id-edge-arm', 512, 'Strassen', 'new'],
      ['id-build-01', 1024, 'Strassen', 'same'],
    ]);
    const [slower] = report.changes?.rows ?? [];
    expect(slower.ratio?.estimate).toBeCloseTo((slower.after?.estimate ?? 0) / (slower.before?.estimate ?? 1), 12);
  });

  it('are printed without what stayed the same, which is counted', () => {
    const text = formatChanges(report);
    expect(text.replace(/\s+/g, ' ')).toContain(
      'of 3 algorithms measured in both, 1 slower, 1 faster, 1 with no measured difference; 2 new.',
    );
    expect(text.match(/^ {2}(slower|faster|new): .* on (build-01|edge-arm)/gm)).toHaveLength(3);
    expect(text.match(/(Winograd|Strassen) on/g)).toHaveLength(3);
    expect(text).not.toContain('1024');
  });
});

describe('regressions', () => {
  const history = (newest: number, earlier: readonly number[] = [1.3, 1.31, 1.29, 1.3, 1.3]): MeasurementRow[] =>
    [...earlier, newest].map((speedup, index) =>
      measurementRow({ algorithm: strassen, problem: cube(512), seed: index + 1, speedup, device: SERVER }),
    );
  const trendOf = (jobs: MeasurementRow[], rolling = 5) => buildReport([runOf(jobs)], { rolling }).trends?.[0];

  it('are an interval below 1 and a loss that matters', () => {
    const trend = trendOf(history(1.15));
    expect(trend).toMatchObject({ hasRegressed: true });
    expect(trend?.change.estimate).toBeCloseTo(1.15 / 1.3, 1);
    expect(trend?.change.high).toBeLessThan(1);
    expect(trend?.deviations).toBeLessThan(-3);
  });

  it('are none where the newest is like the others, a little slower or faster', () => {
    for (const newest of [1.3, 1.29, 1.5]) expect(trendOf(history(newest))?.hasRegressed).toBe(false);
  });

  it('count how much the earlier jobs differ', () => {
    const restless = trendOf(history(1.2, [1.1, 1.4, 1.2, 1.5, 1.3]));
    expect(restless?.hasRegressed).toBe(false);
    expect(restless?.change.high).toBeGreaterThan(1);
  });

  it('look at the last jobs alone, and need enough of them', () => {
    const jobs = history(1.15, [1.3, 1.3, 1.3, 1.15, 1.15, 1.15]);
    expect(trendOf(jobs, 3)?.hasRegressed).toBe(false);
    expect(trendOf(history(1.1, [1.3, 1.3]))).toBeUndefined();
    expect(trendOf(jobs, 3)?.earlier).toHaveLength(3);
  });

  it('count the jobs of the reference among the earlier ones', () => {
    const jobs = history(1.15);
    const report = buildReport([runOf(jobs.slice(-1))], {
      rolling: 5,
      against: { name: 'before', runs: [runOf(jobs.slice(0, -1))] },
    });
    expect(report.trends?.[0].hasRegressed).toBe(true);
  });
});
