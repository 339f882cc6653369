import { describe, expect, it } from 'vitest';
import type { Device, Measurement } from '../../../../proto/src/index.js';
import { contentHash, pairedRatio, standard } from '../../../../shared/src/index.js';
import { candidate, references } from '../../../../trainer/src/fleet/algorithms.js';
import { costFeatures, fitCostModel } from '../../../../trainer/src/fleet/cost-model.js';
import type { AlgorithmRef, MeasurementRow } from '../../../../trainer/src/fleet/measurement.js';
import { missingCells } from '../../../../trainer/src/report/comparison.js';
import { buildReport, type RunData, recompute } from '../../../../trainer/src/report/model.js';
import { isBaseline, isMeasured, type MeasuredRow } from '../../../../trainer/src/report/row.js';
import { remarks } from '../../../../trainer/src/report/words.js';
import { cube, LAPTOP, measurementRow, type RowOptions, SERVER } from '../../../support/report-rows.js';

const [baseline, strassen, strassenTwice, winograd] = references().map(({ algorithm }) => algorithm);
const FOUND: AlgorithmRef = {
  ...candidate({ factorization: standard({ n: 2, m: 2, p: 2 }), origin: 'rl' }, 'found').algorithm,
  label: 'found one',
};
const OTHER: AlgorithmRef = { ...FOUND, label: 'another', levels: [contentHash(standard({ n: 2, m: 2, p: 3 }))] };

function run(measurements: MeasurementRow[], rest: Partial<RunData> = {}): RunData {
  return {
    name: 'run',
    config: { demonstrations: [] },
    metrics: [],
    factorizations: [],
    measurements,
    algorithms: new Map(),
    notes: [],
    ...rest,
  };
}

function row(options: Partial<RowOptions> & { seed: number }): MeasurementRow {
  return measurementRow({ algorithm: FOUND, problem: cube(1024), ...options });
}

describe('rows', () => {
  it('hold figures that recompute from the stored samples and equal the agent’s', () => {
    const stored = [row({ seed: 1, speedup: 1.1 }), row({ seed: 2, algorithm: strassen, speedup: 1.05 })];
    const rows = buildReport([run(stored)])
      .groups[0].rows.filter(isMeasured)
      .filter((one) => !isBaseline(one));
    expect(rows).toHaveLength(2);
    for (const one of rows) {
      const measurement = stored.find(({ jobId }) => jobId === one.jobId)?.outcome.measurement;
      expect(one.figures).toMatchObject(recompute(one));
      expect(one.figures.speedup).toEqual(measurement?.speedup);
      expect(one.figures.ownGemmSpeedup).toEqual(measurement?.ownGemmSpeedup);
      expect(one.figures.overOwnGemm).toEqual(
        pairedRatio(measurement?.ownGemmSeconds ?? [], measurement?.candidateSeconds ?? [], {
          seed: measurement?.protocol?.seed ?? -1,
        }),
      );
      expect(one.figures.baselineGflops).toBeCloseTo(measurement?.baselineGflops ?? Number.NaN, 9);
      expect(one.figures.candidateShareOfPeak).toBeCloseTo(one.figures.candidateGflops / 120, 12);
      expect(one.figures.flags).toEqual([]);
    }
  });

  it('say so where the agent’s figures do not follow from its samples, and show what does', () => {
    const claimed = { estimate: 3, low: 2.9, high: 3.1 };
    const report = buildReport([run([row({ seed: 1, measurement: { speedup: claimed } })])]);
    const found = report.groups[0].rows.filter(isMeasured).find((one) => one.algorithm.found);
    expect(found?.figures.speedup.estimate).toBeLessThan(1.1);
    expect(found?.figures.flags.join()).toMatch(/reported a speed-up of 3\.000/);
  });

  it('always include the baseline and the references, said not measured where they were not', () => {
    const { rows } = buildReport([run([row({ seed: 1, speedup: 1.2 })])]).groups[0];
    const baselineRow = rows.find(isBaseline);
    expect(baselineRow?.status).toBe('MEASURED');
    expect(baselineRow?.figures).toMatchObject({ verdict: 'baseline', speedup: { estimate: 1, low: 1, high: 1 } });
    expect(baselineRow?.figures?.aaControl).not.toBeNull();
    for (const label of [strassen.label, strassenTwice.label]) {
      const reference = rows.find(({ algorithm }) => algorithm.label === label);
      expect(reference).toMatchObject({ status: 'NOT_MEASURED', figures: null });
    }
  });

  it('take the baseline’s own control job where there is one', () => {
    const { rows } = buildReport([run([row({ seed: 1 }), row({ seed: 2, algorithm: baseline })])]).groups[0];
    const baselineRows = rows.filter(isBaseline);
    expect(baselineRows).toHaveLength(1);
    expect(baselineRows[0]).toMatchObject({ jobId: 'job-2', figures: { speedup: { estimate: 1 } } });
  });

  it('put the fastest first and what has no figures last', () => {
    const { rows } = buildReport([
      run([
        row({ seed: 1, speedup: 0.8 }),
        row({ seed: 2, algorithm: OTHER, kind: 'OUTCOME_KIND_CRASHED', message: 'It crashed.' }),
        row({ seed: 3, algorithm: strassenTwice, speedup: 1.2 }),
        row({ seed: 4, algorithm: strassen, speedup: 1.1 }),
        row({ seed: 5, algorithm: winograd, speedup: 1.05 }),
      ]),
    ]).groups[0];
    expect(rows.map(({ algorithm }) => algorithm.label)).toEqual([
      'Strassen²',
      'Strassen',
      'Winograd',
      'baseline',
      'found one',
      'another',
    ]);
    expect(rows[5]).toMatchObject({ status: 'CRASHED', message: 'It crashed.', figures: null });
  });

  it('show the latest job of an algorithm, never the best, and count the others', () => {
    const jobs = [row({ seed: 1, speedup: 1.3 }), row({ seed: 2, speedup: 1.1 })];
    const [found] = buildReport([run(jobs)]).groups[0].rows.filter(({ algorithm }) => algorithm.found);
    expect(found).toMatchObject({ jobId: 'job-2', jobs: 2 });
    expect(found.spread?.high).toBeCloseTo(jobs[0].outcome.measurement?.speedup?.estimate ?? 0, 12);
  });

  it('let a cancelled job hide nothing, but a later wrong result hide a measurement', () => {
    const measured = row({ seed: 1, speedup: 1.3 });
    const outcomeAfter = (kind: RowOptions['kind']) =>
      buildReport([run([measured, row({ seed: 2, ...(kind ? { kind } : {}) })])]).groups[0].rows.find(
        (one) => one.algorithm.found,
      );
    expect(outcomeAfter('OUTCOME_KIND_CANCELLED')?.jobId).toBe('job-1');
    expect(outcomeAfter('OUTCOME_KIND_WRONG_RESULT')).toMatchObject({ status: 'WRONG_RESULT', figures: null });
  });

  it('count a job that two runs hold once', () => {
    const job = row({ seed: 1 });
    const report = buildReport([run([job], { name: 'a' }), run([job], { name: 'b' })]);
    expect(report.jobs).toBe(1);
    expect(report.groups[0].rows.find((one) => one.algorithm.found)?.runs).toEqual(['a', 'b']);
  });

  it('name a found equal of a reference by the reference’s name, and keep that it was found', () => {
    const again: AlgorithmRef = { ...strassen, role: 'found', origin: 'rl', label: '<2,2,2;7> abc' };
    const { rows } = buildReport([run([row({ seed: 1, algorithm: again })])]).groups[0];
    expect(rows.filter(({ algorithm }) => algorithm.label === 'Strassen')).toHaveLength(1);
    expect(rows.find(({ algorithm }) => algorithm.label === 'Strassen')?.algorithm).toMatchObject({
      role: 'reference',
      found: true,
    });
  });

  it('keep what is unknown unknown', () => {
    const environment = { loadAverage: undefined } as unknown as NonNullable<RowOptions['environment']>;
    const report = buildReport([run([row({ seed: 1, ownGemm: false, environment, measurement: { peakGflops: 0 } })])]);
    const found = report.groups[0].rows.find((one) => one.algorithm.found);
    expect(found?.figures).toMatchObject({
      ownGemmSpeedup: null,
      overOwnGemm: null,
      peakGflops: null,
      baselineShareOfPeak: null,
    });
    expect(found?.conditions).toMatchObject({ loadAverage: null, temperatureCelsius: null, throttled: null });
  });
});

describe('the claim', () => {
  const claimOf = (jobs: MeasurementRow[]): string => buildReport([run(jobs)]).groups[0].best.claim;

  it('names the algorithm, its speed-up and interval only where the agent says faster', () => {
    const best = buildReport([run([row({ seed: 1, speedup: 1.2 })])]).groups[0].best;
    expect(best).toMatchObject({ label: 'found one', faster: true, ties: [] });
    const { estimate, low, high } = best.speedup ?? { estimate: 0, low: 0, high: 0 };
    expect(best.claim).toContain(`is ${estimate.toFixed(3)} times as fast as the baseline (OpenBLAS 0.3.21)`);
    expect(best.claim).toContain(`95 % interval ${low.toFixed(3)}–${high.toFixed(3)}`);
    expect(best.claim).not.toContain('No candidate');
  });

  it('claims nothing where the interval holds 1', () => {
    const claim = claimOf([row({ seed: 1, speedup: 1.001, noise: 0.05 })]);
    expect(claim).toMatch(/^No candidate was shown to be faster than the baseline\./);
  });

  it('claims nothing where the agent does not, and says why', () => {
    const notClaimedBecause = 'the baseline reaches 40 % of the multiply-add peak, below 80 %';
    const measurement = {
      fasterThanBaseline: false,
      notClaimedBecause,
      flags: [notClaimedBecause, 'the device drifted'],
    };
    const claim = claimOf([row({ seed: 1, speedup: 1.5, measurement })]);
    expect(claim).toMatch(/^No candidate was shown to be faster/);
    expect(claim).toContain(`but the agent claims nothing: ${notClaimedBecause}.`);
  });

  it('takes the reason from the flags where the agent does not tell it', () => {
    const measurement = { fasterThanBaseline: false, flags: ['baseline at 40 % of peak'] };
    const claim = claimOf([row({ seed: 1, speedup: 1.5, measurement })]);
    expect(claim).toContain('but the agent claims nothing: baseline at 40 % of peak.');
  });

  it('takes references for candidates too, and names those that it cannot tell apart', () => {
    const claim = claimOf([
      row({ seed: 1, speedup: 1.1 }),
      row({ seed: 2, algorithm: strassen, speedup: 1.1 }),
      row({ seed: 3, algorithm: strassenTwice, speedup: 1.3 }),
    ]);
    expect(claim).toMatch(/^Strassen² \(rank 49, a known reference\) is 1\.\d{3} times as fast/);
    const tied = claimOf([row({ seed: 1, speedup: 1.1 }), row({ seed: 2, algorithm: strassen, speedup: 1.1 })]);
    expect(tied).toContain('shows no difference from');
  });

  it('warns that the pick of many is biased upwards', () => {
    const many = Array.from({ length: 5 }, (_, i) =>
      row({ seed: i + 1, speedup: 1.1, algorithm: { ...FOUND, label: `number ${i}`, levels: [String(i).repeat(64)] } }),
    );
    expect(claimOf(many)).toContain('As the pick of 5 measured candidates, its estimate is biased upwards.');
  });

  it('is about nothing where all failed', () => {
    expect(claimOf([row({ seed: 1, kind: 'OUTCOME_KIND_TIMEOUT', message: 'Too slow.' })])).toMatch(
      /^No candidate was measured/,
    );
  });
});

describe('a measurement under sustained load', () => {
  const sustained = (measurement: Partial<Measurement>): MeasuredRow => {
    const burst = row({ seed: 1, rounds: 30, speedup: 1.2 });
    const protocol = { ...burst.outcome.measurement!.protocol!, minMeasuringSeconds: 300 };
    const report = buildReport([
      run([row({ seed: 1, rounds: 30, speedup: 1.2, measurement: { protocol, ...measurement } })]),
    ]);
    return report.groups[0].rows.filter(isMeasured).find((one) => !isBaseline(one))!;
  };

  it('shows what the last third of its samples gives, and the energy where it is known', () => {
    const figures = sustained({ baselineJoules: 14.04, candidateJoules: 12.1 }).figures;
    const { baselineSeconds, candidateSeconds } = figures.samples;
    expect(figures.sustained).toEqual({
      seconds: 300,
      speedup: pairedRatio(baselineSeconds.slice(20), candidateSeconds.slice(20), { seed: 1 }),
      baselineJoules: 14.04,
      candidateJoules: 12.1,
    });
    const words = remarks(sustained({ baselineJoules: 14.04, candidateJoules: 12.1 })).join('; ');
    expect(words).toContain('12.1 J a product, the baseline 14.0 J');
    expect(words).toMatch(/over at least 300 s of load: 1\.\d{3} \(1\.\d{3}–1\.\d{3}\) in the last third/);
  });

  it('says where the energy is unknown, and where the agent’s figure does not follow from its samples', () => {
    expect(remarks(sustained({})).join('; ')).toContain('energy unknown');
    const wrong = sustained({ sustainedSpeedup: { estimate: 3, low: 2, high: 4 } });
    expect(remarks(wrong).join('; ')).toContain('reported a speed-up in the last third of 3.000');
  });

  it('adds nothing to a burst', () => {
    const report = buildReport([run([row({ seed: 1 })])]);
    for (const one of report.groups[0].rows.filter(isMeasured)) {
      expect(one.figures.sustained).toBeNull();
      expect(remarks(one)).toEqual([]);
    }
  });
});

describe('the report', () => {
  it('is pure and does not depend on the order of the jobs', () => {
    const jobs = [row({ seed: 1 }), row({ seed: 2, problem: cube(512) }), row({ seed: 3, device: LAPTOP })];
    const report = buildReport([run(jobs)]);
    expect(buildReport([run(jobs)])).toEqual(report);
    expect(buildReport([run([...jobs].reverse())]).groups).toEqual(report.groups);
    expect(report.groups.map(({ deviceId, problem }) => [deviceId, problem.n])).toEqual([
      ['id-build-01', 512],
      ['id-build-01', 1024],
      ['id-edge-arm', 1024],
    ]);
  });

  it('tells devices with one host name apart', () => {
    const report = buildReport([run([row({ seed: 1, deviceId: 'aaaaaaaa' }), row({ seed: 2, deviceId: 'bbbbbbbb' })])]);
    expect(report.devices.map(({ name }) => name)).toEqual(['build-01 #aaaaaa', 'build-01 #bbbbbb']);
  });

  it('names devices by agent and host, in the order of the runs', () => {
    const of = (agent: string, device: Device, seed: number) => run([row({ seed, agent, device })]);
    const report = buildReport([of('server', SERVER, 9), of('laptop', LAPTOP, 2)]);
    expect(report.devices.map(({ name }) => name)).toEqual(['server (build-01)', 'laptop (edge-arm)']);
    const [same] = buildReport([of('build-01', SERVER, 1)]).devices;
    expect(same.name).toBe('build-01');
  });

  it('takes the lasting environment once and the passing conditions from each row', () => {
    const report = buildReport([
      run([
        row({ seed: 1, environment: { loadAverage: 1 } }),
        row({ seed: 2, algorithm: strassen, environment: { loadAverage: 2 } }),
      ]),
    ]);
    expect(report.environments.map(({ id }) => id)).toEqual(['E1']);
    const loads = report.groups[0].rows
      .filter((one) => !isBaseline(one) && isMeasured(one))
      .map((one) => one.conditions?.loadAverage);
    expect(loads.sort()).toEqual([1, 2]);
  });

  it('gathers failures that are alike', () => {
    const failing = { kind: 'OUTCOME_KIND_COMPILE_FAILED', message: 'gcc ended with status 1.' } as const;
    const report = buildReport([
      run([
        row({ seed: 1, ...failing, diagnostics: 'first' }),
        row({ seed: 2, ...failing, algorithm: OTHER, diagnostics: 'second' }),
        row({ seed: 3, kind: 'OUTCOME_KIND_TIMEOUT', message: 'Too slow.' }),
      ]),
    ]);
    expect(report.failures).toHaveLength(2);
    expect(report.failures[0]).toMatchObject({
      status: 'COMPILE_FAILED',
      jobs: 2,
      algorithms: ['found one', 'another'],
      diagnostics: 'second',
    });
  });

  it('claims from scratch only where every run says so', () => {
    const provenance = (...demonstrations: (string[] | undefined)[]) =>
      buildReport(demonstrations.map((each) => run([], { config: each === undefined ? {} : { demonstrations: each } })))
        .provenance;
    expect(provenance([], [])).toEqual({ kind: 'scratch' });
    expect(provenance([], undefined)).toEqual({ kind: 'unknown' });
    expect(provenance(undefined, ['Strassen'], ['Strassen'])).toEqual({
      kind: 'demonstrations',
      algorithms: ['Strassen'],
      insideSchoolbook: false,
    });
    expect(buildReport([run([], { config: undefined })]).provenance).toEqual({ kind: 'unknown' });
  });

  it('replaces what a killed run recorded after the checkpoint that it went on from', () => {
    const metrics = [
      { time: 0, policyLoss: 3 },
      { time: 10, policyLoss: 2, games: 4, solved: 1 },
      { time: 20, policyLoss: 9 },
      { time: 15, policyLoss: 1 },
      { note: 'no time' },
    ];
    const { series } = buildReport([run([], { metrics })]).runs[0];
    expect(series).toEqual([
      { key: 'solvedShare', points: [[10, 0.25]] },
      {
        key: 'policyLoss',
        points: [
          [0, 3],
          [10, 2],
          [15, 1],
        ],
      },
    ]);
  });
});

describe('the comparison', () => {
  const ARM = { device: LAPTOP };
  const HERE: AlgorithmRef = { ...FOUND, label: 'found here', levels: ['a'.repeat(64)] };
  const THERE: AlgorithmRef = { ...FOUND, label: 'found there', levels: ['b'.repeat(64)] };
  const tuned = [
    row({ seed: 1, algorithm: HERE, speedup: 1.2 }),
    row({ seed: 2, algorithm: THERE, speedup: 1.3, ...ARM }),
  ];

  it('has a row for each device’s best and says which cells nobody measured', () => {
    const [comparison] = buildReport([run(tuned)]).comparisons;
    expect(comparison.columns.map(({ deviceId }) => deviceId)).toEqual(['id-build-01', 'id-edge-arm']);
    const cells = Object.fromEntries(
      comparison.rows.map(({ algorithm, tunedFor, cells }) => [
        algorithm.label,
        { tunedFor, speedups: cells.map((cell) => cell?.figures?.speedup.estimate ?? null) },
      ]),
    );
    expect(cells['found here']).toEqual({ tunedFor: [0], speedups: [expect.closeTo(1.2, 1), null] });
    expect(cells['found there']).toEqual({ tunedFor: [1], speedups: [null, expect.closeTo(1.3, 1)] });
    expect(cells.Strassen).toEqual({ tunedFor: [], speedups: [null, null] });
    const missing = missingCells([comparison]).map(
      ({ algorithm, setting }) => `${algorithm.label} ${setting.deviceId}`,
    );
    expect(missing).toContain('found here id-edge-arm');
    expect(missing).not.toContain('found here id-build-01');
    expect(missing).toHaveLength(8);
  });

  it('fills a cell that was measured across, and does not take it for tuned there', () => {
    const across = row({ seed: 3, algorithm: { ...HERE, role: 'imported' }, speedup: 1.05, ...ARM });
    const [comparison] = buildReport([run([...tuned, across])]).comparisons;
    const here = comparison.rows.find(({ algorithm }) => algorithm.label === 'found here');
    expect(here?.tunedFor).toEqual([0]);
    expect(here?.cells[1]?.figures?.speedup.estimate).toBeCloseTo(1.05, 1);
  });

  it('does not call a cell missing that was tried and failed', () => {
    const failed = row({ seed: 3, algorithm: { ...HERE, role: 'imported' }, kind: 'OUTCOME_KIND_TIMEOUT', ...ARM });
    const missing = missingCells(buildReport([run([...tuned, failed])]).comparisons);
    expect(missing.filter(({ algorithm }) => algorithm.label === 'found here')).toEqual([]);
  });

  it('calls a cell missing whose baseline was slower than usual, and takes it for no best', () => {
    const usual = [strassen, strassenTwice, winograd].map((algorithm, index) =>
      row({ seed: 10 + index, algorithm, speedup: 1.1, noise: 0, ...ARM }),
    );
    const shaky = row({ seed: 3, algorithm: { ...HERE, role: 'found' }, speedup: 1.5, noise: 0, ...ARM });
    const measurement = shaky.outcome.measurement!;
    const slowed = measurement.baselineSeconds.map((seconds) => 1.3 * seconds);
    const disturbed = {
      ...shaky,
      outcome: { ...shaky.outcome, measurement: { ...measurement, baselineSeconds: slowed } },
    };
    const report = buildReport([run([...tuned, ...usual, disturbed])]);
    const missing = missingCells(report.comparisons).map(
      ({ algorithm, setting }) => `${algorithm.label} ${setting.deviceId}`,
    );
    expect(missing).toContain('found here id-edge-arm');
    expect(missing).not.toContain('Strassen id-edge-arm');
    const arm = report.groups.find(({ deviceId }) => deviceId === 'id-edge-arm')!;
    expect(arm.rows[0].algorithm.label).toBe('found here');
    expect(arm.best.label).toBe('found there');
  });

  it('tells precisions of one device apart, and leaves out shapes with a single column', () => {
    const double = row({ seed: 3, problem: { ...cube(1024), dtype: 'f64' } });
    const other = row({ seed: 4, problem: cube(512) });
    const { comparisons } = buildReport([run([...tuned.slice(0, 1), double, other])]);
    expect(comparisons.map(({ shape, columns }) => [shape.n, columns.map(({ dtype }) => dtype)])).toEqual([
      [1024, ['f32', 'f64']],
    ]);
  });
});

describe('the cost model’s fit', () => {
  it('predicts each algorithm from those measured before it', () => {
    const sizes = [
      [2, 2, 2],
      [2, 2, 3],
      [2, 3, 3],
      [3, 3, 3],
      [2, 2, 4],
      [2, 3, 4],
    ];
    const records = sizes.map(([n, m, p]) => ({ factorization: standard({ n, m, p }), origin: 'rl' as const }));
    const algorithms = new Map(records.map((record) => [contentHash(record.factorization), record]));
    const measurements = records.map((record, index) =>
      row({ seed: index, algorithm: candidate(record, 'found').algorithm, speedup: 1 / (1 + index / 10), noise: 0 }),
    );
    // Measured once more: it teaches nothing new.
    const again = row({ seed: 99, algorithm: candidate(records[0], 'found').algorithm });
    const [fit, ...others] = buildReport([run([...measurements, again], { algorithms })]).costFits;
    expect(others).toEqual([]);
    expect(fit.points.map(({ label }) => label)).toEqual(measurements.slice(3).map(({ algorithm }) => algorithm.label));
    const ratios = measurements.map(({ outcome }) => 1 / outcome.measurement!.speedup!.estimate);
    expect(fit.points.map(({ measured }) => measured)).toEqual(ratios.slice(3));
    const model = fitCostModel(
      records
        .slice(0, 3)
        .map(({ factorization }, index) => ({ features: costFeatures(factorization), ratio: ratios[index] })),
    );
    expect(fit.points[0].predicted).toBe(model.predict(records[3].factorization));
    expect(buildReport([run(measurements)]).costFits).toEqual([]);
  });
});

describe('noise', () => {
  it('sums up what disturbed each device, and says unknown where nobody could tell', () => {
    const control = { estimate: 1.01, low: 0.99, high: 1.03 };
    const measured = [1, 2].map((seed) =>
      row({ seed, environment: { loadAverage: seed }, measurement: { aaControl: control, drift: seed / 100 } }),
    );
    const failed = row({ seed: 3, kind: 'OUTCOME_KIND_CRASHED' });
    expect(buildReport([run([...measured, failed])]).noise).toEqual([
      {
        deviceId: 'id-build-01',
        jobs: 2,
        controls: [control],
        relativeHalfWidth: expect.any(Number),
        drift: { low: 0.01, high: 0.02 },
        loadAverage: { low: 1, high: 2 },
        temperatureCelsius: null,
        frequencyMhz: null,
        throttled: null,
        notConverged: 0,
      },
    ]);
  });
});

describe('evaluations', () => {
  it('are whatever numbers a run recorded under eval., by panel and line', () => {
    const metrics = [
      { time: 1, 'eval.solved_fraction.rank_10': 0.1, 'eval.solved_fraction.rank_9': 0.2, 'eval.loss': 3 },
      {
        time: 2,
        'eval.solved_fraction.rank_9': 0.4,
        'eval.value_calibration': [
          [-7, -8],
          ['x', 1],
          [-5, -5],
        ],
      },
    ];
    const [summary] = buildReport([run([], { metrics })]).runs;
    expect(summary.evaluations).toEqual([
      { name: 'loss', series: [{ key: 'loss', points: [[1, 3]] }] },
      {
        name: 'solved_fraction',
        series: [
          {
            key: 'rank_9',
            points: [
              [1, 0.2],
              [2, 0.4],
            ],
          },
          { key: 'rank_10', points: [[1, 0.1]] },
        ],
      },
    ]);
    expect(summary.calibration).toEqual([
      [-7, -8],
      [-5, -5],
    ]);
  });
});
