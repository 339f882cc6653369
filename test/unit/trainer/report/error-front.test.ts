import { laderman, strassen, winograd } from '@alphatensor-edge/shared';
import { describe, expect, it } from 'vitest';
import { candidate } from '../../../../trainer/src/fleet/algorithms.js';
import { formatHtml } from '../../../../trainer/src/report/html.js';
import { formatMarkdown } from '../../../../trainer/src/report/markdown.js';
import { buildReport } from '../../../../trainer/src/report/model.js';
import { ownGemm } from '../../../../trainer/src/tune/combinations.js';
import { cube, measurementRow } from '../../../support/report-rows.js';

const refOf = (factorization: ReturnType<typeof strassen>, name: string) =>
  candidate({ factorization, origin: 'imported' }, 'imported', { name }).algorithm;

describe('speed-up against error', () => {
  const row = (algorithm: ReturnType<typeof refOf>, speedup: number, relativeError: number, seed: number) =>
    measurementRow({
      ...{ algorithm, speedup, seed, noise: 0, problem: cube(1024) },
      measurement: { relativeError, baselineRelativeError: 4e-7 },
    });
  const report = buildReport([
    {
      ...{ name: 'tune', config: { command: 'tune', demonstrations: [] }, metrics: [], factorizations: [], notes: [] },
      algorithms: new Map(),
      measurements: [
        row(refOf(winograd(), 'fast'), 1.3, 10e-7, 1),
        row(refOf(laderman(), 'dominated'), 1.1, 9e-7, 2),
        row(refOf(strassen(), 'accurate'), 1.2, 4e-7, 3),
        // More accurate than the baseline, so it is what the errors are multiples of.
        row(ownGemm().algorithm, 0.98, 2e-7, 4),
      ],
    },
  ]);

  it('is a multiple of the smaller error of baseline and own GEMM, with what nothing surpasses on the front', () => {
    const [front] = report.errorFronts;
    expect(front.points.map(({ error, isOnFront }) => [Math.round(error * 10) / 10, isOnFront])).toEqual([
      [1, true],
      [2, true],
      [4.5, false],
      [5, true],
    ]);
  });

  it('is drawn with the front joined, and the front is a table in Markdown', () => {
    expect(formatHtml(report).match(/class="front"/g)).toHaveLength(2);
    const table = formatMarkdown(report).split('## Speed-up against error')[1].split('## ')[0];
    expect(table.match(/^\| build/gm)).toHaveLength(3);
    expect(table).toMatch(/own GEMM .*\| 1.00x \|/);
    expect(table).not.toContain('dominated');
  });
});
