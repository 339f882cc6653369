import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentHash, modeLengths, Random, standard, strassen } from '../../../../shared/src/index.js';
import type { Action } from '../../../../trainer/src/game/action.js';
import {
  canonicalBasis,
  mapInto,
  playedFactorization,
  randomBasis,
  targetTensor,
} from '../../../../trainer/src/game/basis.js';
import { cutFactors, fitsInto, paddedTensor, padFactors } from '../../../../trainer/src/game/padding.js';
import { type GameRules, isSolved, moveLimitOf, play, start } from '../../../../trainer/src/game/state.js';

const dimension = fc.integer({ min: 1, max: 3 });
const size = fc.record({ n: dimension, m: dimension, p: dimension });
const pair = fc.tuple(size, size).filter(([target, larger]) => fitsInto(target, larger));
const seed = fc.integer();

function rulesFor(larger: { n: number; m: number; p: number }): GameRules {
  return { size: larger, arithmetic: 'standard', values: [-2, -1, 0, 1, 2], moveLimit: 27 };
}

function actionOf(factors: readonly ArrayLike<number>[]): Action {
  return Int8Array.from(factors.flatMap((factor) => Array.from(factor)));
}

describe('a tensor padded into a larger size', () => {
  it('is that of the product of the matrices filled up with zeros', () => {
    fc.assert(
      fc.property(pair, ([target, larger]) => {
        const [, lengthV, lengthW] = modeLengths(larger);
        const tensor = paddedTensor(target, larger);
        for (let i = 0; i < larger.n; i++) {
          for (let j = 0; j < larger.m; j++) {
            for (let k = 0; k < larger.p; k++) {
              const inside = i < target.n && j < target.m && k < target.p;
              const index = ((i * larger.m + j) * lengthV + j * larger.p + k) * lengthW + k * larger.n + i;
              expect(tensor[index]).toBe(inside ? 1 : 0);
            }
          }
        }
        expect(tensor.reduce((sum, x) => sum + x, 0)).toBe(target.n * target.m * target.p);
      }),
    );
  });

  it('cuts what it padded back to what it was', () => {
    fc.assert(
      fc.property(pair, seed, ([target, larger], s) => {
        const random = new Random(s);
        const factors = modeLengths(target).map((length) => Int32Array.from({ length }, () => random.int(9) - 4));
        expect(cutFactors(padFactors(factors, target, larger), target, larger)).toEqual(factors);
      }),
    );
  });

  it('is played in random bases of the larger size, and what solves it is mapped back to its own', () => {
    const larger = { n: 2, m: 2, p: 3 };
    fc.assert(
      fc.property(seed, fc.constantFrom(strassen(), standard({ n: 1, m: 2, p: 3 })), (s, factorization) => {
        const { size: target, rank, u, v, w } = factorization;
        const rules = rulesFor(larger);
        const random = new Random(s);
        const basis = randomBasis(larger, 'standard', random, { offDiagonal: 0.1, maxEntry: 9 }, target);
        const actions = Array.from({ length: rank }, (_, r) => {
          const rows = [u, v, w].map(({ coefficients }) => {
            const length = coefficients.length / rank;
            return coefficients.subarray(r * length, (r + 1) * length);
          });
          const [a, b, c] = padFactors(rows, target, larger);
          return actionOf(mapInto([a, b, c], basis));
        });
        expect(isSolved(actions.reduce(play, start(rules, targetTensor(basis), 27)))).toBe(true);
        const found = playedFactorization(rules, basis, actions);
        expect(contentHash(found)).toBe(contentHash(factorization));
      }),
    );
  });

  it('loses the terms that lie outside its own rows and columns', () => {
    const larger = { n: 1, m: 1, p: 2 };
    const basis = canonicalBasis(larger, 'standard', { n: 1, m: 1, p: 1 });
    const outside = [Int8Array.of(1, 0, 1, 0, 1), Int8Array.of(1, 0, 1, 0, -1)];
    const found = playedFactorization(rulesFor(larger), basis, [Int8Array.of(1, 1, 0, 1, 0), ...outside]);
    expect(found).toMatchObject({ rank: 1, size: { n: 1, m: 1, p: 1 } });
  });

  it('has a move limit one below its own schoolbook rank', () => {
    const rules = { ...rulesFor({ n: 2, m: 2, p: 3 }), moveLimit: 11 };
    expect(moveLimitOf(rules, rules.size)).toBe(11);
    expect(moveLimitOf(rules, { n: 2, m: 2, p: 2 })).toBe(7);
    expect(moveLimitOf({ ...rules, moveLimit: 5 }, { n: 2, m: 2, p: 2 })).toBe(5);
    expect(moveLimitOf(rules, { n: 1, m: 1, p: 1 })).toBe(1);
  });
});
