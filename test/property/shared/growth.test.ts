import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compose, growth, growthPhi, MODES, standard, verify } from '../../../shared/src/index.js';
import {
  cyclicShift,
  exactFactorizations,
  moveScale,
  permuteTerms,
  signedPermutations,
  transposed,
} from '../../support/factorizations.js';

const anyRational = fc.constantFrom(...exactFactorizations.filter(({ arithmetic }) => arithmetic === 'standard'));
const side = fc.integer({ min: 1, max: 4 });

describe('growth', () => {
  test('of the standard algorithm is 1', () => {
    fc.assert(
      fc.property(side, side, side, (n, m, p) => {
        expect(growth(standard({ n, m, p }))).toBe(1);
      }),
    );
  });

  test('multiplies when algorithms are composed', () => {
    fc.assert(
      fc.property(anyRational, anyRational, (outer, inner) => {
        const [a, b, both] = [outer, inner, compose(outer, inner)].map(growthPhi);
        expect(both.numerator * a.denominator * b.denominator).toBe(a.numerator * b.numerator * both.denominator);
        expect(growth(compose(outer, inner)) / (growth(outer) * growth(inner))).toBeCloseTo(1, 12);
      }),
      { numRuns: 40 },
    );
  });

  test('does not change under signed permutations of rows and columns', () => {
    fc.assert(
      fc.property(anyRational, fc.infiniteStream(fc.nat(1000)), (factorization, choices) => {
        const { n, m, p } = factorization.size;
        const signed = (length: number) => {
          const signs = Array.from({ length }, () => (choices.next().value % 2 === 0 ? 1 : -1));
          const order = Array.from({ length }, (_, i) => i);
          for (let i = length - 1; i > 0; i--) {
            const j = choices.next().value % (i + 1);
            [order[i], order[j]] = [order[j], order[i]];
          }
          return { order, signs };
        };
        const moved = verify(signedPermutations(factorization, signed(n), signed(m), signed(p)));
        expect(growthPhi(moved)).toEqual(growthPhi(factorization));
      }),
    );
  });

  test('does not change when scale moves within a product, terms change places, or the three modes', () => {
    const mode = fc.constantFrom(...MODES);
    fc.assert(
      fc.property(anyRational, fc.nat(), fc.constantFrom(-4, -2, -1, 2, 3), mode, mode, (f, place, scale, from, to) => {
        fc.pre(from !== to);
        const phi = growthPhi(f);
        expect(growthPhi(verify(moveScale(f, place % f.rank, scale, from, to)))).toEqual(phi);
        const order = Array.from({ length: f.rank }, (_, i) => (i + place) % f.rank);
        expect(growthPhi(verify(permuteTerms(f, order)))).toEqual(phi);
        expect(growthPhi(verify(cyclicShift(f)))).toEqual(phi);
        expect(growthPhi(verify(transposed(f)))).toEqual(phi);
      }),
    );
  });
});
