import { expect, test } from 'vitest';
import { growth, standard, strassen, type VerifiedFactorization } from '../../../../shared/src/index.js';
import { compositionsOf, joinAlongP, partsFrom } from '../../../bench/catalogue/compositions.js';

test('a join has the ranks added, and the growth of its parts weighed by their products', () => {
  const joined = joinAlongP(strassen(), standard({ n: 2, m: 2, p: 3 }));
  expect([joined.size, joined.rank]).toEqual([{ n: 2, m: 2, p: 5 }, 19]);
  // Phi adds up: 32 of Strassen's and 12 of the standard one, over 2 * 2 * 5.
  expect(growth(joined)).toBeCloseTo(Math.sqrt(44 / 20), 12);
});

test('compositions are products and joins along each dimension, of at most the rank wanted', () => {
  const parts = partsFrom([{ name: 'strassen', factorization: strassen() }]);
  const found = (n: number, m: number, p: number, rank: number): VerifiedFactorization[] =>
    compositionsOf({ n, m, p }, rank, parts).map(({ factorization }) => factorization);
  for (const [n, m, p] of [
    [3, 2, 2],
    [2, 3, 2],
    [2, 2, 3],
  ]) {
    const [first] = found(n, m, p, 11);
    expect([first.size, first.rank]).toEqual([{ n, m, p }, 11]);
  }
  expect(found(4, 4, 4, 48)).toEqual([]);
  expect(new Set(found(4, 4, 4, 49).map(({ rank }) => rank))).toEqual(new Set([49]));
  const names = compositionsOf({ n: 2, m: 2, p: 4 }, 14, parts).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['strassen over standard:1,1,2', 'strassen beside strassen']));
});
