import { canonical, compose, standard, strassen, winograd } from '@alphatensor-edge/shared';
import { describe, expect, it } from 'vitest';
import { costFeatures, fitCostModel } from '../../../../trainer/src/fleet/cost-model.js';

const algorithms = [
  strassen(),
  winograd(),
  standard({ n: 2, m: 2, p: 2 }),
  standard({ n: 2, m: 2, p: 3 }),
  standard({ n: 3, m: 2, p: 1 }),
  compose(strassen(), strassen()),
  compose(strassen(), winograd()),
  compose(winograd(), winograd()),
];

describe('the cost model', () => {
  it('sees the share of the multiplications and the nonzeros per entry of each matrix', () => {
    expect(costFeatures(strassen())).toEqual([7 / 8, 3, 3, 3]);
    expect(costFeatures(standard({ n: 2, m: 3, p: 4 }))).toEqual([1, 4, 2, 3]);
    expect(costFeatures(canonical(strassen()))).toEqual(costFeatures(strassen()));
  });

  it('says nothing before three measurements', () => {
    const sample = { features: costFeatures(strassen()), ratio: 0.9 };
    expect(fitCostModel([]).predict(strassen())).toBeUndefined();
    expect(fitCostModel([sample, sample]).predict(strassen())).toBeUndefined();
    expect(fitCostModel([sample, sample, sample]).predict(strassen())).toBeCloseTo(0.9, 12);
    expect(fitCostModel([sample, sample, sample]).predict(winograd())).toBeCloseTo(0.9, 12);
  });

  it('recovers a linear law as the ridge goes to zero', () => {
    const law = ([rank, u, v, w]: number[]): number => 0.1 + 0.8 * rank + 0.02 * u + 0.03 * v + 0.01 * w;
    const samples = algorithms.map((algorithm) => {
      const features = costFeatures(algorithm);
      return { features, ratio: law(features) };
    });
    const model = fitCostModel(samples, 1e-12);
    for (const algorithm of algorithms) {
      expect(model.predict(algorithm)).toBeCloseTo(law(costFeatures(algorithm)), 6);
    }
    const unseen = compose(strassen(), standard({ n: 1, m: 2, p: 1 }));
    expect(model.predict(unseen)).toBeCloseTo(law(costFeatures(unseen)), 5);
  });

  it('orders algorithms under noise and never predicts a time that is not positive', () => {
    const samples = algorithms.map((algorithm, index) => {
      const features = costFeatures(algorithm);
      return { features, ratio: features[0] + 0.02 * Math.sin(7 * index) };
    });
    const model = fitCostModel(samples);
    const fast = model.predict(compose(winograd(), winograd()))!;
    const slow = model.predict(standard({ n: 2, m: 2, p: 2 }))!;
    expect(fast).toBeLessThan(slow);

    const steep = fitCostModel(
      [1, 0.99, 0.98].map((rank, i) => ({ features: [rank, 3, 3, 3], ratio: 1 - i * 0.4 })),
      1e-9,
    );
    expect(steep.predict(compose(strassen(), strassen()))).toBeGreaterThan(0);
  });
});
