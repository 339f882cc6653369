import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { median, pairedRatio, quantile, Random } from '../../../shared/src/index.js';

const positive = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
const samples = fc.array(positive, { minLength: 1, maxLength: 60 });

describe('quantiles', () => {
  test('the median has as many values below as above, whatever their order', () => {
    fc.assert(
      fc.property(samples, (values) => {
        const middle = median(values);
        expect(values.filter((x) => x < middle).length).toBeLessThanOrEqual(values.length / 2);
        expect(values.filter((x) => x > middle).length).toBeLessThanOrEqual(values.length / 2);
        expect(median([...values].reverse())).toBe(middle);
      }),
    );
  });

  test('hand-worked values', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(quantile([0, 10, 20], 0.25)).toBe(5);
    expect(quantile([7], 1)).toBe(7);
  });

  test('refuse what has no answer', () => {
    expect(() => median([])).toThrow(/At least one/);
    expect(() => median([1, Number.NaN])).toThrow(/not a number/);
    expect(() => quantile([1], 1.5)).toThrow(/from 0 to 1/);
    expect(() => pairedRatio([1, 0], [1, 1], { seed: 1 })).toThrow(/numerators\[1\]/);
  });
});

describe('pairedRatio', () => {
  test('the interval holds the estimate and forgets the order of the pairs', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(positive, positive), { minLength: 1, maxLength: 40 }),
        fc.integer(),
        (pairs, seed) => {
          const ratio = (rows: readonly (readonly [number, number])[]): ReturnType<typeof pairedRatio> =>
            pairedRatio(
              rows.map(([a]) => a),
              rows.map(([, b]) => b),
              { seed, resamples: 100 },
            );
          const result = ratio(pairs);
          expect(result.low).toBeLessThanOrEqual(result.estimate);
          expect(result.high).toBeGreaterThanOrEqual(result.estimate);
          expect(ratio(new Random(seed).shuffle([...pairs]))).toEqual(result);
        },
      ),
    );
  });

  test('a 95 % interval covers the true ratio about 95 times in 100', () => {
    const random = new Random('coverage');
    const trials = 600;
    const trueRatio = 1.2;
    let covered = 0;
    for (let trial = 0; trial < trials; trial++) {
      // Drift common to both sides of a pair, noise of its own on each.
      const drift = Array.from({ length: 40 }, () => 1 + random.float());
      const slow = drift.map((x) => x * trueRatio * Math.exp(0.05 * random.normal()));
      const fast = drift.map((x) => x * Math.exp(0.03 * random.normal()));
      const { low, high } = pairedRatio(slow, fast, { seed: trial });
      if (low <= trueRatio && trueRatio <= high) covered++;
    }
    // Three binomial standard deviations are 2.7 %.
    expect(covered / trials).toBeGreaterThan(0.92);
    expect(covered / trials).toBeLessThan(0.98);
  });

  test('equals medians of explicit resamples', () => {
    const logs = [0.1, 0.2, 0.4, 0.8];
    const { low, high } = pairedRatio(logs.map(Math.exp), [1, 1, 1, 1], { seed: 1, resamples: 4000, confidence: 0.8 });
    const random = new Random('other draws');
    const medians = Array.from({ length: 4000 }, () => median(logs.map(() => logs[random.int(4)])));
    expect(Math.log(low)).toBeCloseTo(quantile(medians, 0.1), 1);
    expect(Math.log(high)).toBeCloseTo(quantile(medians, 0.9), 1);
  });

  test('repeats from its seed', () => {
    const random = new Random(3);
    const a = Array.from({ length: 30 }, () => 1 + random.float());
    const b = Array.from({ length: 30 }, () => 1 + random.float());
    expect(pairedRatio(a, b, { seed: 7 })).toEqual(pairedRatio(a, b, { seed: 7 }));
    expect(pairedRatio(a, b, { seed: 7 })).not.toEqual(pairedRatio(a, b, { seed: 8 }));
  });

  test('refuses samples that make no pairs', () => {
    expect(() => pairedRatio([1, 2], [1], { seed: 0 })).toThrow(/2 and 1/);
    expect(() => pairedRatio([], [], { seed: 0 })).toThrow(/At least one/);
    expect(() => pairedRatio([1], [0], { seed: 0 })).toThrow(/denominators\[0\]/);
  });
});
