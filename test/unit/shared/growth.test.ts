import { describe, expect, it } from 'vitest';
import {
  growth,
  growthOfLevels,
  growthPhi,
  laderman,
  loadFactorization,
  strassen,
  winograd,
} from '../../../shared/src/index.js';
import { dataPath, needsData } from '../../support/data.js';
import { modulo2 } from '../../support/factorizations.js';

describe('growth', () => {
  it('is what the article gives for Strassen and for Winograd’s form', () => {
    expect(growthPhi(strassen())).toEqual({ numerator: 32n, denominator: 1n });
    expect(growth(strassen())).toBe(2);
    expect(growthPhi(winograd())).toEqual({ numerator: 56n, denominator: 1n });
    expect(growth(winograd())).toBeCloseTo(Math.sqrt(7), 12);
  });

  it('multiplies over levels', () => {
    expect(growthOfLevels([winograd(), winograd(), strassen()])).toBeCloseTo(14, 12);
    expect(growthOfLevels([])).toBe(1);
  });

  for (const [name, expected] of [
    ['2x2x2_m7_evenpow', '1.68'],
    ['4x4x4_m48_rational', '3.94'],
    ['4x4x4_m48_accurate', '2.83'],
    ['3x3x6_m40_accurate', '2.24'],
  ]) {
    it(`is ${expected} for ${name}`, async (context) => {
      needsData(context);
      const { factorization } = await loadFactorization(dataPath('accurate', `${name}.json`));
      expect(growth(factorization).toFixed(2)).toBe(expected);
    });
  }

  it('is refused modulo 2', () => {
    expect(() => growth(modulo2(laderman()))).toThrow(/over the rationals; an algorithm modulo 2 makes no rounding/);
  });
});
