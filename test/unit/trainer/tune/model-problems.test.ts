import { describe, expect, it } from 'vitest';
import { distinctProducts } from '../../../../trainer/src/shapes/distinct-products.js';
import type { LayerProduct } from '../../../../trainer/src/shapes/layer-product.js';
import { modelProblems } from '../../../../trainer/src/tune/model-problems.js';

const layer = (m: number, k: number, n: number, type: LayerProduct['type'] = 'f32'): LayerProduct => ({
  ...{ layer: `${m}`, op: 'MatMul', m, k, n, count: 1, type },
});

describe('the products of a model that are tuned', () => {
  const products = distinctProducts([
    ...[layer(512, 512, 512), layer(256, 256, 256, 'f64'), layer(100, 64, 65536), layer(300, 64, 65537)],
    ...[layer(2048, 2048, 63), layer(400, 400, 400, 'f16'), layer(300, 300, 300, 'unknown')],
  ]);
  const chosen = (seconds?: number) =>
    modelProblems(products, { threads: 2, seconds }).map(({ m, problem, leftOut }) => [m, problem?.dtype, leftOut]);

  it('are those that an algorithm can be measured for, and the others say why not', () => {
    expect(chosen()).toEqual([
      [300, undefined, '65537 is more than agents measure, 65536'],
      [100, 'f32', ''],
      [2048, undefined, '63 is too short for an algorithm, which needs 64'],
      [512, 'f32', ''],
      [400, undefined, 'programs are made for f32 and f64, not for f16'],
      [300, undefined, 'its number format is unknown'],
      [256, 'f64', ''],
    ]);
    const { problem } = modelProblems(products, { threads: 2, seconds: undefined })[3];
    expect(problem).toEqual({ m: 512, k: 512, n: 512, dtype: 'f32', threads: 2 });
  });

  it('are as many as the time is long enough for, the largest share first, and one at least', () => {
    const inTime = (seconds: number) =>
      chosen(seconds).flatMap(([m, dtype, leftOut]) =>
        dtype ? [m] : leftOut === 'the budget is too short for it' ? [-Number(m)] : [],
      );
    expect(inTime(60)).toEqual([100, 512, 256]);
    expect(inTime(59)).toEqual([100, 512, -256]);
    expect(inTime(1)).toEqual([100, -512, -256]);
  });
});
