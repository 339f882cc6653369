import { expect, it } from 'vitest';
import { logScale } from '../../../../trainer/src/report/svg/scale.js';

it('an axis of ratios labels 1, in a wide domain beside 2 and 5 times powers of ten', () => {
  expect(logScale([0.13, 5.5], [0, 100]).ticks(3)).toEqual([0.2, 0.5, 1, 2, 5]);
  expect(logScale([0.9, 3.2], [0, 100]).ticks(3)).toEqual([1, 2, 3]);
  const close = logScale([0.96, 1.31], [0, 100]).ticks(3);
  expect(close[0]).toBeCloseTo(1, 12);
  expect(close[1]).toBeCloseTo(1.2, 12);
});
