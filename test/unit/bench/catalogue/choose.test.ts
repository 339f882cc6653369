import { expect, test } from 'vitest';
import { strassen } from '../../../../shared/src/index.js';
import { type Contender, choose } from '../../../bench/catalogue/choose.js';

function contender(growth: number, additions: number, isOurs = true): Contender {
  return { record: { factorization: strassen(), origin: 'imported' }, growth, additions, nonzeros: 0, isOurs };
}

function chosen(...contenders: Contender[]): unknown {
  return choose(contenders).map(({ variant, contender: { growth, additions } }) => [variant, growth, additions]);
}

test('keeps the ends of the front and a point well below the line between them', () => {
  const [simple, balanced, accurate] = [contender(4, 100), contender(2.2, 110), contender(2, 200)];
  expect(chosen(accurate, simple, contender(3, 150), balanced)).toEqual([
    ['', 4, 100],
    ['accurate', 2, 200],
    ['balanced', 2.2, 110],
  ]);
  expect(chosen(accurate, simple, contender(2.9, 140))).toEqual([
    ['', 4, 100],
    ['accurate', 2, 200],
  ]);
});

test('gives up 1 % of growth for fewer additions', () => {
  expect(chosen(contender(4, 100), contender(2, 200), contender(2.015, 160), contender(2.03, 130))).toEqual([
    ['', 4, 100],
    ['accurate', 2.015, 160],
    ['balanced', 2.03, 130],
  ]);
});

test('never gives up more than what the catalogue had', () => {
  const all = [contender(4, 100), contender(2, 200), contender(2.015, 160)];
  const accurate = (mostGrowth: number) => choose(all, mostGrowth).find(({ variant }) => variant === 'accurate');
  expect(accurate(2.01)?.contender.growth).toBe(2);
  expect(accurate(2.02)?.contender.growth).toBe(2.015);
  // What was found is better by more than 1 %.
  expect(accurate(1.5)?.contender.growth).toBe(2.015);
});

test('keeps one where it is best in both', () => {
  expect(chosen(contender(2, 100), contender(3, 100), contender(2, 120))).toEqual([['', 2, 100]]);
});

test('prefers our own scheme to a published one that is less than 1 % better', () => {
  expect(chosen(contender(2.01, 100), contender(2, 100, false))).toEqual([['', 2.01, 100]]);
  expect(chosen(contender(2.03, 100), contender(2, 100, false))).toEqual([['', 2, 100]]);
});
