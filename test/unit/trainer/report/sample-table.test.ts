import { parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { references } from '../../../../trainer/src/fleet/algorithms.js';
import {
  SAMPLE_COLUMNS,
  samplesAsCsv,
  samplesAsParquet,
  samplesOfJobs,
} from '../../../../trainer/src/report/sample-table.js';
import { cube, measurementRow } from '../../../support/report-rows.js';

const [, strassen] = references().map(({ algorithm }) => algorithm);
const MEASURED = measurementRow({ algorithm: strassen, problem: cube(512), seed: 1, rounds: 4 });
const CRASHED = measurementRow({
  algorithm: { ...strassen, label: '=cmd, "x"' },
  problem: cube(512),
  seed: 2,
  kind: 'OUTCOME_KIND_CRASHED',
  message: 'It died.',
});
const samples = samplesOfJobs([
  { runs: ['a', 'b'], row: MEASURED },
  { runs: ['a'], row: CRASHED },
]);

describe('an export of samples', () => {
  it('has a row for every sample, and one for a job that has none', () => {
    const { baselineSeconds, candidateSeconds, ownGemmSeconds } = MEASURED.outcome.measurement!;
    const of = (side: string) => samples.filter((one) => one.side === side).map(({ seconds }) => seconds);
    expect(of('baseline')).toEqual(baselineSeconds);
    expect(of('candidate')).toEqual(candidateSeconds);
    expect(of('own_gemm')).toEqual(ownGemmSeconds);
    expect(samples.filter(({ side }) => side === null).map(({ row }) => row.jobId)).toEqual([CRASHED.jobId]);
    expect(samples).toHaveLength(13);
  });

  it('names every column once, with units where there are some, and says what it holds', () => {
    const names = SAMPLE_COLUMNS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, meaning } of SAMPLE_COLUMNS) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(meaning).not.toBe('');
    }
  });

  it('reads back from Parquet with the exact numbers, and with null for what is unknown', async () => {
    const bytes = await samplesAsParquet(samples);
    const rows = await parquetReadObjects({ file: bytes.slice().buffer });
    expect(rows).toHaveLength(13);
    expect(Object.keys(rows[0])).toEqual(SAMPLE_COLUMNS.map(({ name }) => name));
    rows.forEach((row, index) => {
      const sample = samples[index];
      expect(row.seconds).toBe(sample.seconds);
      expect(row).toMatchObject({ job_id: sample.row.jobId, round: sample.round, side: sample.side, m: 512 });
    });
    expect(rows[0]).toMatchObject({
      runs: 'a; b',
      blas_is_third_party: true,
      bootstrap_seed: 1n,
      temperature_celsius: null,
    });
    expect(rows[12]).toMatchObject({ outcome: 'CRASHED', message: 'It died.', peak_gflops: null, load_average: 0.4 });
  });

  it('reads back from CSV, and lets no text run as a formula', () => {
    const lines = samplesAsCsv(samples).trimEnd().split('\r\n');
    expect(lines).toHaveLength(14);
    const column = SAMPLE_COLUMNS.findIndex(({ name }) => name === 'seconds');
    expect(lines.slice(1, 13).map((line) => Number(line.split(',')[column]))).toEqual(
      samples.slice(0, 12).map(({ seconds }) => seconds),
    );
    expect(lines[13]).toContain(`"'=cmd, ""x"""`);
  });
});
