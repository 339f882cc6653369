import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isExact, modeLengths, Random } from '../../../../shared/src/index.js';
import { play, start } from '../../../../trainer/src/game/state.js';
import {
  applySymmetry,
  permuteAction,
  permuteTensor,
  randomSignedPermutation,
  randomSymmetry,
  unpermuteAction,
} from '../../../../trainer/src/game/symmetry.js';
import { anyExact } from '../../../support/factorizations.js';
import { uniformAction } from '../../../support/toy-evaluators.js';

const seed = fc.integer();

describe('a symmetry', () => {
  it('maps factorizations of a tensor to factorizations of the same tensor', () => {
    fc.assert(
      fc.property(anyExact, seed, (factorization, s) => {
        const symmetry = randomSymmetry(factorization.size, factorization.arithmetic, new Random(s), 0.15);
        const image = applySymmetry(factorization, symmetry);
        expect(image.size).toEqual(factorization.size);
        expect(image.rank).toBe(factorization.rank);
        expect(isExact(image)).toBe(true);
      }),
    );
  });
});

const rules = fc
  .record({
    size: fc.record({
      n: fc.integer({ min: 1, max: 3 }),
      m: fc.integer({ min: 1, max: 3 }),
      p: fc.integer({ min: 1, max: 3 }),
    }),
    arithmetic: fc.constantFrom<'standard' | 'modulo-2'>('standard', 'modulo-2'),
  })
  .map((rule) => ({ ...rule, values: rule.arithmetic === 'standard' ? [-1, 0, 1] : [0, 1], moveLimit: 10 }));

describe('a signed permutation', () => {
  it('commutes with playing a move', () => {
    fc.assert(
      fc.property(rules, seed, (rule, s) => {
        const random = new Random(s);
        const permutation = randomSignedPermutation(rule.size, rule.arithmetic, random);
        const action = uniformAction(rule, random);
        const before = start(rule);
        const there = play(
          {
            ...before,
            residual: permuteTensor(before.residual, permutation, rule.size, new Int8Array(before.residual.length)),
          },
          permuteAction(action, permutation, rule.size),
        );
        const after = play(before, action).residual;
        expect(there.residual).toEqual(permuteTensor(after, permutation, rule.size, new Int8Array(after.length)));
      }),
    );
  });

  it('has an exact inverse on moves', () => {
    fc.assert(
      fc.property(rules, seed, (rule, s) => {
        const random = new Random(s);
        const permutation = randomSignedPermutation(rule.size, rule.arithmetic, random);
        const action = uniformAction(rule, random);
        expect(unpermuteAction(permuteAction(action, permutation, rule.size), permutation, rule.size)).toEqual(action);
      }),
    );
  });

  it('writes into a batch at its offset', () => {
    const rule = { size: { n: 2, m: 2, p: 2 }, arithmetic: 'standard' as const };
    const permutation = randomSignedPermutation(rule.size, rule.arithmetic, new Random(3));
    const tensor = Int8Array.from({ length: modeLengths(rule.size).reduce((x, y) => x * y) }, (_, i) => (i % 5) - 2);
    const batch = new Float32Array(3 * tensor.length);
    permuteTensor(tensor, permutation, rule.size, batch, tensor.length);
    expect([...batch.subarray(tensor.length, 2 * tensor.length)]).toEqual([
      ...permuteTensor(tensor, permutation, rule.size, new Int8Array(tensor.length)),
    ]);
    expect(batch.subarray(0, tensor.length).every((x) => x === 0)).toBe(true);
    expect(batch.subarray(2 * tensor.length).every((x) => x === 0)).toBe(true);
  });
});
