import type { DispatchEntry, DispatchTable, DispatchWinner } from '@alphatensor-edge/shared';
import { describe, expect, it } from 'vitest';
import { formatHtml } from '../../../../trainer/src/report/html.js';
import { formatMarkdown } from '../../../../trainer/src/report/markdown.js';
import { buildReport } from '../../../../trainer/src/report/model.js';
import { modelGain } from '../../../../trainer/src/report/model-gain.js';
import { modelGainSentence } from '../../../../trainer/src/report/model-gain-words.js';
import { tunedModelOf } from '../../../../trainer/src/run/tuned-model.js';
import { distinctProducts } from '../../../../trainer/src/shapes/distinct-products.js';
import { modelProblems } from '../../../../trainer/src/tune/model-problems.js';
import { cube } from '../../../support/report-rows.js';

/** Twice a product of 512, one of 1024, and one that is too short: 2, 8 and 2 parts of the arithmetic. */
const products = distinctProducts(
  [
    { layer: 'a', op: 'MatMul', m: 512, k: 512, n: 512, count: 1 },
    { layer: 'b<i>', op: 'Conv', m: 512, k: 512, n: 512, count: 1 },
    { layer: 'c', op: 'MatMul', m: 1024, k: 1024, n: 1024, count: 1 },
    { layer: 'd', op: 'Attention QK', m: 1024, k: 32, n: 1024, count: 8 },
  ].map((one) => ({ ...one, type: 'f32' as const })),
);
const found = { model: 'm.onnx', producer: '', opset: 18, dims: { batch: 8 }, products, unknown: [], notes: [] };
const arithmetic = products.reduce((sum, one) => sum + one.arithmetic, 0);
const model = tunedModelOf({ ...found, arithmetic }, modelProblems(products, { threads: 1, seconds: undefined }));

function entry(size: number, baselineSeconds: number, estimate: number, wins: boolean): DispatchEntry {
  const result = {
    label: 'Strassen',
    speedup: { estimate, low: estimate, high: estimate },
    seconds: baselineSeconds / estimate,
  };
  const winner = wins ? (result as DispatchWinner) : null;
  return {
    problem: cube(size),
    winner,
    reason: wins ? 'It is fast.' : 'None is faster.',
    finalists: [result as DispatchWinner],
  };
}

const table = (entries: DispatchEntry[]) => ({ device: { deviceId: 'here' }, entries }) as unknown as DispatchTable;

describe('what a model gains', () => {
  // In units of what 512 takes: 2 with the baseline, 10 / 1.25 in place of 10.
  const gain = modelGain('run', model, table([entry(512, 1, 0.9, false), entry(1024, 10, 1.25, true)]));

  it('joins every layer with what was chosen for its product', () => {
    const lines = gain.layers.map(({ layer, share, algorithm, speedup, saved, reason }) => [
      ...[layer, Math.round(share * 12), algorithm, speedup, Math.round(saved * 144) / 10, reason],
    ]);
    expect(lines).toEqual([
      ['c', 8, 'Strassen', 1.25, 2, ''],
      ['a', 1, null, 1, 0, 'None is faster.'],
      ['b<i>', 1, null, 1, 0, 'None is faster.'],
      ['d', 2, null, null, 0, '32 is too short for an algorithm, which needs 64'],
    ]);
  });

  it('predicts all products from what was measured, the rest at its mean rate', () => {
    expect(gain.measuredShare).toBeCloseTo(10 / 12);
    expect(gain.measuredSpeedup).toBeCloseTo(12 / 10);
    expect(gain.speedup).toBeCloseTo(14.4 / 12.4);
    expect(modelGainSentence(gain)).toBe(
      'm.onnx: the products that were measured, 83.3 % of the arithmetic, are together 1.200 times as fast as with the baseline. ' +
        'All products of the model are predicted to be 1.161 times as fast if the rest keeps the baseline.',
    );
  });

  it('claims nothing where nothing was measured', () => {
    const nothing = modelGain('run', model, table([]));
    expect([nothing.measuredSpeedup, nothing.speedup, nothing.measuredShare]).toEqual([null, null, 0]);
    expect(modelGainSentence({ ...nothing, unknown: 2 })).toBe(
      'm.onnx: no product was measured. Products of unknown shape (2) are not in these figures.',
    );
  });

  it('has a line for each layer in the reports', () => {
    const run = {
      config: undefined,
      metrics: [],
      factorizations: [],
      measurements: [],
      algorithms: new Map(),
      notes: [],
    };
    const report = buildReport([
      { ...run, name: 'run', tuned: { model, table: table([entry(1024, 10, 1.25, true)]) } },
    ]);
    const html = formatHtml(report);
    for (const layer of ['a', 'b&lt;i&gt;', 'c', 'd']) expect(html).toContain(`<th scope="row">${layer}</th>`);
    expect(formatMarkdown(report)).toContain('| c | MatMul | 1024×1024×1024 | f32 | 1 | 66.7 % | Strassen | 1.250 |');
    expect(formatMarkdown(buildReport([{ ...run, name: 'run' }]))).not.toContain('Layers of the model');
  });
});
