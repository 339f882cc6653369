import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Factorization,
  formatSize,
  modeLengths,
  multiplicationTensor,
  Random,
  type Size,
} from '../../../../shared/src/index.js';
import type { Action } from '../../../../trainer/src/game/action.js';
import {
  canonicalBasis,
  mapBack,
  mapInto,
  playedFactorization,
  randomBasis,
  type Term,
  targetTensor,
  transformTensor,
} from '../../../../trainer/src/game/basis.js';
import { type GameArithmetic, type GameRules, isSolved, play, start } from '../../../../trainer/src/game/state.js';
import { identity, multiply, randomUnimodular } from '../../../../trainer/src/game/unimodular.js';
import { anyExact } from '../../../support/factorizations.js';

const seed = fc.integer();
const size: fc.Arbitrary<Size> = fc.record({
  n: fc.integer({ min: 1, max: 3 }),
  m: fc.integer({ min: 1, max: 3 }),
  p: fc.integer({ min: 1, max: 3 }),
});
const arithmetic = fc.constantFrom<GameArithmetic>('standard', 'modulo-2');
const random = { canonicalProbability: 0, offDiagonal: 0.05, maxEntry: 4 };

function rulesOf({ size, arithmetic }: Factorization, moveLimit = 100): GameRules {
  const rules = { size, arithmetic: arithmetic as GameArithmetic, moveLimit };
  return { ...rules, values: arithmetic === 'standard' ? [-2, -1, 0, 1, 2] : [0, 1] };
}

function termsOf(factorization: Factorization): Term[] {
  const lengths = modeLengths(factorization.size);
  const row = (mode: 'u' | 'v' | 'w', length: number, r: number): Int32Array =>
    factorization[mode].coefficients.slice(r * length, (r + 1) * length);
  return Array.from({ length: factorization.rank }, (_, r) => [
    row('u', lengths[0], r),
    row('v', lengths[1], r),
    row('w', lengths[2], r),
  ]);
}

const actionOf = (term: Term): Action => Int8Array.from(term.flatMap((factor) => [...factor]));

describe('a change of basis', () => {
  it('is made of integer matrices with exact integer inverses', () => {
    fc.assert(
      fc.property(
        seed,
        arithmetic,
        fc.integer({ min: 1, max: 12 }),
        fc.double({ min: 0, max: 0.4, noNaN: true }),
        (s, a, dimension, offDiagonal) => {
          const { matrix, inverse } = randomUnimodular(dimension, a, new Random(s), offDiagonal);
          const product = multiply(matrix, inverse, dimension).map((x) => (a === 'modulo-2' ? x & 1 : x));
          expect(product).toEqual(identity(dimension).matrix);
        },
      ),
    );
  });

  it('maps terms into the basis and back exactly', () => {
    fc.assert(
      fc.property(seed, size, arithmetic, (s, sz, a) => {
        const generator = new Random(s);
        const basis = randomBasis(sz, a, generator, random);
        const action = Int8Array.from({ length: modeLengths(sz).reduce((x, y) => x + y) }, () =>
          generator.int(a === 'standard' ? 5 : 2),
        );
        expect(actionOf(mapInto(mapBack(action, basis), basis))).toEqual(action);
      }),
    );
  });

  it('is multilinear: the transformed terms of an exact factorization add up to the transformed tensor', () => {
    fc.assert(
      fc.property(anyExact, seed, (factorization, s) => {
        const rules = rulesOf(factorization);
        const basis = randomBasis(rules.size, rules.arithmetic, new Random(s), random);
        const actions = termsOf(factorization).map((term) => actionOf(mapInto(term, basis)));
        const end = actions.reduce(play, start(rules, targetTensor(basis)));
        expect(isSolved(end)).toBe(true);
        const found = playedFactorization(rules, basis, actions);
        expect(found.rank).toBe(factorization.rank);
        expect(found.u.coefficients).toEqual(factorization.u.coefficients);
        expect(found.v.coefficients).toEqual(factorization.v.coefficients);
        expect(found.w.coefficients).toEqual(factorization.w.coefficients);
      }),
    );
  });

  it('lets no game out that does not reconstruct the tensor', () => {
    fc.assert(
      fc.property(anyExact, seed, (factorization, s) => {
        const rules = rulesOf(factorization);
        const basis = randomBasis(rules.size, rules.arithmetic, new Random(s), random);
        const actions = termsOf(factorization).map((term) => actionOf(mapInto(term, basis)));
        const short = actions.slice(1);
        expect(() => playedFactorization(rules, basis, short.length > 0 ? short : [...actions, ...actions])).toThrow(
          expect.objectContaining({ code: 'NOT_A_FACTORIZATION' }),
        );
      }),
    );
  });

  it('uses one matrix for the three modes of a cubic size, and keeps the target within maxEntry', () => {
    fc.assert(
      fc.property(seed, size, arithmetic, (s, sz, a) => {
        const basis = randomBasis(sz, a, new Random(s), random);
        expect(Math.max(...targetTensor(basis).map(Math.abs))).toBeLessThanOrEqual(random.maxEntry);
        if (sz.n === sz.m && sz.m === sz.p) expect([basis.v, basis.w]).toEqual([basis.u, basis.u]);
      }),
    );
  });
});

describe('the canonical basis', () => {
  it('plays the multiplication tensor itself', () => {
    fc.assert(
      fc.property(size, arithmetic, (sz, a) => {
        const basis = canonicalBasis(sz, a);
        expect(targetTensor(basis), formatSize(sz)).toEqual(multiplicationTensor(sz));
        expect(start({ size: sz, arithmetic: a, values: [-1, 0, 1], moveLimit: 9 }).residual).toEqual(
          transformTensor(multiplicationTensor(sz), basis),
        );
      }),
    );
  });

  it('is drawn as often as asked for', () => {
    const generator = new Random(7);
    const two = { n: 2, m: 2, p: 2 };
    const canonicalMatrix = canonicalBasis(two).u.matrix.join();
    const draws = Array.from({ length: 400 }, () =>
      randomBasis(two, 'standard', generator, { canonicalProbability: 0.25, offDiagonal: 0.1 }),
    );
    const canonical = draws.filter(({ u }) => u.matrix.join() === canonicalMatrix).length;
    expect(canonical).toBeGreaterThan(60);
    expect(canonical).toBeLessThan(140);
  });

  it('is not replaced silently when no random basis fits', () => {
    expect(() =>
      randomBasis({ n: 3, m: 3, p: 3 }, 'standard', new Random(1), {
        canonicalProbability: 0,
        offDiagonal: 0.5,
        maxEntry: 1,
      }),
    ).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});
