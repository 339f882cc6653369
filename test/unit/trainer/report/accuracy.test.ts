import { describe, expect, it } from 'vitest';
import type { Measurement } from '../../../../proto/src/index.js';
import { references } from '../../../../trainer/src/fleet/algorithms.js';
import { formatCsv } from '../../../../trainer/src/report/csv.js';
import { formatHtml } from '../../../../trainer/src/report/html.js';
import { formatMarkdown } from '../../../../trainer/src/report/markdown.js';
import { rowLine } from '../../../../trainer/src/report/measurement-words.js';
import { buildReport } from '../../../../trainer/src/report/model.js';
import { cube, measurementRow } from '../../../support/report-rows.js';

const STRASSEN = references()[1].algorithm;
const ERRORS: Partial<Measurement> = {
  relativeError: 8e-7,
  baselineRelativeError: 2e-7,
  ownGemmRelativeError: 4e-7,
  predictedRelativeError: 7.7e-7,
  growth: 2,
  inputErrors: [
    {
      kind: 'INPUT_KIND_ZERO_MEAN',
      ...{
        relativeError: 8e-7,
        componentwiseError: 3e-7,
        baselineRelativeError: 2e-7,
        baselineComponentwiseError: 1e-7,
      },
    },
    {
      kind: 'INPUT_KIND_BADLY_SCALED',
      ...{ relativeError: 4e-3, componentwiseError: 77, baselineRelativeError: 2e-7, baselineComponentwiseError: 1e-7 },
    },
  ],
};

const rowWith = (measurement: Partial<Measurement>) =>
  measurementRow({ algorithm: STRASSEN, problem: cube(512), seed: 1, measurement });

/** The cells of the first measured algorithm by their columns. */
function csvOf(row: ReturnType<typeof rowWith>): Record<string, string> {
  const [head, ...rest] = formatCsv(reportOf(row)).split('\r\n');
  const columns = head.split(',');
  const label = columns.indexOf('algorithm');
  const cells = rest.map((line) => line.split(',')).find((line) => line[label] === STRASSEN.label);
  return Object.fromEntries(columns.map((column, index) => [column, cells?.[index] ?? '']));
}

function reportOf(row: ReturnType<typeof rowWith>) {
  const run = { name: 'run', config: {}, metrics: [], factorizations: [], algorithms: new Map(), notes: [] };
  return buildReport([{ ...run, measurements: [row] }]);
}

describe('growth and errors', () => {
  it('are told in one line', () => {
    expect(rowLine(rowWith(ERRORS))).toContain(
      "error growth 2.00, relative error 8.0e-7 (predicted 7.7e-7), 4x the baseline's, 2x own <1,1,1>'s; " +
        "on badly scaled inputs relative error 4.0e-3 (2.0e+4x the baseline's), componentwise 7.7e+1",
    );
  });

  it('of an older store are unknown', () => {
    const row = rowWith({ relativeError: 8e-7, baselineRelativeError: 2e-7 });
    // An agent of then sent nothing of the kind.
    delete (row.outcome.measurement as Partial<Measurement>).inputErrors;
    expect(rowLine(row)).toContain(
      "error growth unknown, relative error 8.0e-7 (predicted unknown), 4x the baseline's, unknown times own <1,1,1>'s",
    );
    expect(csvOf(row)).toMatchObject({ relative_error: '8e-7', growth: '', predicted_relative_error: '' });
    expect(formatMarkdown(reportOf(row))).toContain('| 8.0e-7 | 2.0e-7 | unknown | unknown |');
  });

  it('are in every format of the report', () => {
    const row = rowWith(ERRORS);
    expect(csvOf(row)).toMatchObject({
      own_gemm_relative_error: '4e-7',
      predicted_relative_error: '7.7e-7',
      growth: '2',
      positive_relative_error: '',
      badly_scaled_relative_error: '0.004',
      badly_scaled_componentwise_error: '77',
    });
    const markdown = formatMarkdown(reportOf(row));
    expect(markdown).toContain('| 8.0e-7 | 2.0e-7 | 7.7e-7 | 2.00 |');
    expect(markdown).toContain('on badly scaled inputs relative error 4.0e-3');
    const html = formatHtml(reportOf(row));
    expect(html).toContain('<small>8.0e-7, 7.7e-7, 2.00</small>');
    expect(html).toContain('on badly scaled inputs relative error 4.0e-3');
  });
});
