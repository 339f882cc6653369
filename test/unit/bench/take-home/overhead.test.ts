import { expect, it } from 'vitest';
import { overheadLines, overheadOf } from '../../../bench/take-home/overhead/overhead.js';

it('gives what the library adds to a product in nanoseconds, and as a ratio of the same round', () => {
  // The machine is slower in some rounds; the library adds 5, once 40.
  const text = '100.0 105.0\n200.0 205.0\n100.0 140.0\n400.0 405.0\n100.0 105.0\n';
  const overhead = overheadOf(64, 'preloaded', text);
  expect(overhead.straight).toBe(100);
  expect(overhead.added.estimate).toBe(5);
  expect(overhead.ratio.estimate).toBeCloseTo(1.05, 10);
  expect(overheadLines([overhead])).toEqual([
    expect.stringMatching(
      /^64x64 f32, preloaded: straight to the BLAS 100\.0 ns; the library adds 5\.0 ns \(5\.0\.\.40\.0\), 1\.0500 \(.*\) times; 5 rounds$/,
    ),
  ]);
});

it('says what a program says that does not come to its end', () => {
  expect(() => overheadOf(1, 'preloaded', 'the library is not before the BLAS\n')).toThrow(
    'The small products end with: the library is not before the BLAS',
  );
});
