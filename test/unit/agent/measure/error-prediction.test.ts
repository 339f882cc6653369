import { describe, expect, it } from 'vitest';
import { fitErrorConstant } from '../../../../agent/src/measure/error-prediction.js';
import { errorFault, MAX_TIMES_PREDICTED } from '../../../../shared/src/error-fault.js';

describe('the constant of the errors', () => {
  it('is what error over growth has in the middle, on a scale of factors', () => {
    const samples = [
      { growth: 1, relativeError: 1e-7 },
      { growth: 2, relativeError: 8e-7 },
    ];
    expect(fitErrorConstant(samples)).toBeCloseTo(2e-7, 20);
    expect(fitErrorConstant([{ growth: 2, relativeError: 3e-7 }])).toBeCloseTo(1.5e-7, 20);
  });

  it.each([
    ['without samples', []],
    ['where a sample has no error', [{ growth: 1, relativeError: 0 }]],
    ['where a sample has no finite error', [{ growth: 1, relativeError: Number.POSITIVE_INFINITY }]],
  ])('is unknown %s', (_, samples) => {
    expect(fitErrorConstant(samples)).toBeUndefined();
  });
});

describe('an error', () => {
  it('far above its prediction is a fault, with the factor', () => {
    expect(errorFault(3.14e-6, 2.65, 1e-6)).toMatch(/is 3\.1 times what the error growth of 2\.65 predicts/);
    expect(errorFault(MAX_TIMES_PREDICTED * 1.001e-6, 1, 1e-6)).toBeDefined();
  });

  it('is none near it, below it, or without a prediction', () => {
    expect(errorFault(MAX_TIMES_PREDICTED * 0.999e-6, 1, 1e-6)).toBeUndefined();
    expect(errorFault(1e-9, 1, 1e-6)).toBeUndefined();
    expect(errorFault(1, 1, undefined)).toBeUndefined();
  });
});
