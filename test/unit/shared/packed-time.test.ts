import {
  baselineWork,
  fitBaselineSeconds,
  fitPackedSeconds,
  laderman,
  type PackedAlgorithm,
  packedAlgorithm,
  packedLevelWork,
  packedWork,
  Random,
  secondsFor,
  strassen,
  type TimedProblem,
  winograd,
} from '@alphatensor-edge/shared';
import { describe, expect, it } from 'vitest';

const kernel = { mr: 14, nr: 32, kc: 384 };
const cube = (size: number): TimedProblem => ({ m: size, k: size, n: size, threads: 1, elementBytes: 4 });
const [two, three] = [packedLevelWork(strassen()), packedLevelWork(laderman())];
const plain = packedAlgorithm([]);

describe('the work of a packed program', () => {
  it('is the schoolbook product for <1,1,1>, and fewer multiply-adds but more bytes for an algorithm', () => {
    const [multiplyAdds, , packed, , additions] = packedWork(plain, kernel, cube(1024));
    // 74 panels of 13 or 14 rows hold 1024 rows; 1024 columns are whole panels.
    expect([multiplyAdds, additions]).toEqual([1024 ** 3, 0]);
    expect(packed).toBe(4 * 4 * 1024 ** 2);
    const strassens = packedWork(two, kernel, cube(1024));
    expect(strassens[0]).toBeCloseTo((7 / 8) * 1024 ** 3, -6);
    expect(strassens[2]).toBeGreaterThan(packed);
    // 12 nonzeros for 7 sums, twice, and 12 for 4 blocks.
    expect(two.additions).toEqual([5, 5, 8]);
  });

  it('counts what is computed in vain where blocks are no whole register tiles', () => {
    const of = (n: number): number => packedWork(three, kernel, { ...cube(960), n })[0];
    // 961 columns in three blocks of 321, which take 11 panels instead of 10.
    expect(of(961) / of(960)).toBeCloseTo(11 / 10, 10);
    const shared = packedWork(plain, kernel, { ...cube(96), threads: 2 });
    // Three panels of columns for two threads take as long as four.
    expect(shared[2]).toBeGreaterThan(packedWork(plain, kernel, cube(96))[2]);
  });

  it('of many products reads A and B, and updates C, once for each step of its outer level that touches a block', () => {
    expect(packedAlgorithm([two, two]).touches).toEqual([1, 1, 1]);
    expect(packedAlgorithm([three, two])).toMatchObject({ touches: [3, 3, 3], rank: 161 });
    const [, , packed, combined] = packedWork(packedAlgorithm([three, two]), kernel, cube(960));
    const [, , once, onceCombined] = packedWork(
      { ...packedAlgorithm([three, two]), touches: [1, 1, 1] },
      kernel,
      cube(960),
    );
    expect([packed - once, combined - onceCombined]).toEqual([4 * 960 ** 2 * 4, 4 * 960 ** 2 * 4]);
  });

  it('of several levels has the additions of the outer one on every inner block', () => {
    const outerLaderman = packedAlgorithm([three, two]);
    expect(outerLaderman).toMatchObject({ n: 6, m: 6, p: 6, rank: 161 });
    expect(outerLaderman.additions).toEqual([0, 1, 2].map((x) => three.additions[x] * 4 + 23 * two.additions[x]));
  });
});

describe('the fitted model', () => {
  const truth = [1.3e-11, 8e-11, 2.2e-10, 1.4e-10, 3e-11, 4e-5];
  const algorithms: PackedAlgorithm[] = [
    plain,
    ...[two, three, packedLevelWork(winograd())].flatMap((one) => [
      packedAlgorithm([one]),
      packedAlgorithm([one, one]),
    ]),
    packedAlgorithm([two, three]),
  ];
  const samplesOf = (noise: number) => {
    const random = new Random('timings');
    return [256, 700, 1024, 2048].flatMap((size) =>
      algorithms.map((algorithm) => {
        const work = packedWork(algorithm, kernel, cube(size));
        return { work, seconds: secondsFor(work, truth) * Math.exp(noise * random.normal()) };
      }),
    );
  };
  const about = { threads: 1, elementBytes: 4 };

  it('recovers the constants behind exact timings', () => {
    fitPackedSeconds(samplesOf(0), about).forEach((seconds, kind) => {
      // Six constants that are far from what is assumed, of which some do similar work.
      expect(seconds / truth[kind]).toBeGreaterThan(0.5);
      expect(seconds / truth[kind]).toBeLessThan(1.6);
    });
    expect(fitPackedSeconds(samplesOf(0), about)[0] / truth[0]).toBeCloseTo(1, 1);
  });

  it('predicts algorithms and sizes that it has not seen, from noisy timings', () => {
    const seconds = fitPackedSeconds(samplesOf(0.02), about);
    for (const size of [512, 1500, 4096]) {
      for (const levels of [[two, two, two], [three], [packedLevelWork(winograd()), three]]) {
        const work = packedWork(packedAlgorithm(levels), kernel, cube(size));
        expect(secondsFor(work, seconds) / secondsFor(work, truth)).toBeCloseTo(1, 1);
      }
    }
  });

  it('is what is assumed of a device where nothing was measured, and moved by the first measurement', () => {
    const work = packedWork(plain, kernel, cube(1024));
    const assumed = secondsFor(work, fitPackedSeconds([], about));
    const measured = assumed * 3;
    const fitted = fitPackedSeconds([{ work, seconds: measured }], about);
    expect(secondsFor(work, fitted) / measured).toBeCloseTo(1, 1);
    expect(fitted.every((seconds) => seconds >= 0)).toBe(true);
  });

  it('of the baseline recovers its constants too', () => {
    const truth = [2e-11, 1e-10, 1e-5];
    const samples = [256, 1024, 4096].map((size) => {
      const work = baselineWork(cube(size));
      return { work, seconds: secondsFor(work, truth) };
    });
    const fitted = fitBaselineSeconds(samples, about);
    const work = baselineWork({ ...cube(2048), m: 300 });
    expect(Math.abs(secondsFor(work, fitted) / secondsFor(work, truth) - 1)).toBeLessThan(0.02);
  });
});
