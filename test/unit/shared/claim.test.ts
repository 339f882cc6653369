import { describe, expect, it } from 'vitest';
import { gflops } from '../../../agent/src/measure/figures.js';
import { baselineDoubt, claim, controlDifference } from '../../../shared/src/claim.js';

const QUIET = { estimate: 1, low: 0.997, high: 1.003 };
const FASTER = { estimate: 1.2, low: 1.19, high: 1.21 };

describe('a baseline', () => {
  const fair = { thirdParty: true, name: 'OpenBLAS', gflops: 95, peakGflops: 100 };

  it('is fair where it is a baseline’s, between 80 % and 105 % of the peak', () => {
    expect(baselineDoubt(fair)).toBeUndefined();
    expect(baselineDoubt({ ...fair, gflops: 80 })).toBeUndefined();
    expect(baselineDoubt({ ...fair, gflops: 105 })).toBeUndefined();
  });

  it.each([
    [{ thirdParty: false, name: 'the portable GEMM' }, /^the baseline is the portable GEMM, not a BLAS library/],
    [{ peakGflops: 0 }, /^the multiply-add peak is unknown/],
    [{ gflops: 79 }, /reaches 79 % of the multiply-add peak, below 80 %$/],
    [{ gflops: 79.9 }, /reaches 79 % of the multiply-add peak, below 80 %$/],
    [{ gflops: 130 }, /reaches 130 % of the multiply-add peak, so the peak was disturbed/],
  ])('%o is doubted', (change, why) => {
    expect(baselineDoubt({ ...fair, ...change })).toMatch(why);
  });
});

describe('the baseline’s rate', () => {
  const problem = { m: 1000, k: 1000, n: 1000, dtype: 'f32', threads: 1 } as const;
  const rounds = (cpuSeconds: number[]) => ({
    seconds: { baseline: [0.04, 0.04, 0.04], candidate: [] },
    cpuSeconds: { baseline: cpuSeconds, candidate: [] },
  });

  it('is taken of processor time on one thread, unless the system counted none', () => {
    expect(gflops(problem, rounds([0.02, 0, 0.02]), true)).toBe(100);
    expect(gflops(problem, rounds([0.02, 0, 0]), true)).toBe(50);
    expect(gflops({ ...problem, threads: 2 }, rounds([0.02, 0.02, 0.02]), true)).toBe(50);
  });
});

describe('an interval above 1', () => {
  it('counts over a fair baseline and a quiet control', () => {
    expect(claim(FASTER, undefined, QUIET)).toEqual({ fasterThanBaseline: true, notClaimedBecause: '' });
  });

  it('does not count over a doubtful baseline, which is the reason', () => {
    expect(claim(FASTER, 'a doubt', QUIET)).toEqual({ fasterThanBaseline: false, notClaimedBecause: 'a doubt' });
  });

  it('does not count within what the control finds, which is the reason', () => {
    const { fasterThanBaseline, notClaimedBecause } = claim(FASTER, undefined, { estimate: 1.25, low: 1.2, high: 1.3 });
    expect(fasterThanBaseline).toBe(false);
    expect(notClaimedBecause).toBe('the interval begins at 1.190, and the baseline differs from itself by up to 25 %');
  });

  it('is all that needs a reason', () => {
    const nothing = { fasterThanBaseline: false, notClaimedBecause: '' };
    expect(claim({ estimate: 1.01, low: 0.99, high: 1.03 }, 'a doubt', QUIET)).toEqual(nothing);
    expect(claim(undefined, undefined, QUIET)).toEqual(nothing);
  });
});

describe('the control', () => {
  it('tells by how much the baseline differs from itself', () => {
    expect(controlDifference({ estimate: 1.004, low: 0.999, high: 1.01 })).toBe(1);
    expect(controlDifference({ estimate: 1.02, low: 1.01, high: 1.03 })).toBe(1.02);
    expect(controlDifference({ estimate: 0.98, low: 0.97, high: 0.99 })).toBeCloseTo(1 / 0.98);
  });

  it('leaves open what it is too wide to tell', () => {
    expect(controlDifference({ estimate: 1, low: 0.5, high: 1.5 })).toBe(2);
    expect(controlDifference({ estimate: 1.1, low: 0.98, high: 1.3 })).toBe(1.3);
  });
});
