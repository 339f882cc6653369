import { describe, expect, it } from 'vitest';
import { Random, standard } from '../../../../shared/src/index.js';
import { CyclicChoice } from '../../../../trainer/src/explore/cyclic-choice.js';
import { CyclicExplorer } from '../../../../trainer/src/explore/cyclic-explorer.js';
import { hasSymmetry, isCyclic } from '../../../../trainer/src/explore/cyclic-orbits.js';
import { cyclicStarts } from '../../../../trainer/src/explore/cyclic-starts.js';
import { CyclicWalk } from '../../../../trainer/src/explore/cyclic-walk.js';
import { pack, unpack } from '../../../../trainer/src/explore/packed.js';
import { widthOf } from '../../../../trainer/src/explore/packed-terms.js';

const cube = (n: number) => ({ n, m: n, p: n });
const cyclic = (n: number) => ({ size: cube(n), symmetry: 'cyclic', arithmetic: 'modulo-2' }) as const;

describe('symmetric starts', () => {
  it('are factorizations, one for each partition of the diagonal, in order of their parts', () => {
    for (const [n, ranks] of [
      [1, [1]],
      [2, [8, 10]],
      [3, [27, 29, 31]],
    ] as const) {
      const starts = cyclicStarts(cube(n));
      expect(starts.map(({ rank }) => rank)).toEqual(ranks);
      for (const start of starts) {
        expect(unpack(start, cube(n), 'modulo-2').rank).toBe(start.rank);
        expect(isCyclic(start)).toBe(true);
      }
    }
  });

  it('are told from factorizations that rotations change', () => {
    const terms = pack(standard(cube(2)), 'modulo-2');
    expect(isCyclic(terms)).toBe(true);
    const words = terms.words.slice();
    // The last product, a(x)a(x)a, with another first factor.
    words[words.length - 6]++;
    expect(isCyclic({ ...terms, words })).toBe(false);
    const walk = new CyclicWalk(9, new Random(1));
    expect(() => walk.load({ ...terms, words })).toThrow(/rotating the modes changes/);
  });
});

describe('a symmetric walk', () => {
  it.each([2, 3, 9])('of <%i,n,n> stays a symmetric factorization, whatever steps it takes', (n) => {
    for (const [index, start] of cyclicStarts(cube(n))
      .slice(n < 9 ? -2 : -1)
      .entries()) {
      const walk = new CyclicWalk(start.rank + 6, new Random(index), widthOf(start));
      walk.load(start);
      for (let step = 0; step < 12; step++) {
        const before = walk.rank;
        if (step % 4 === 3) {
          if (walk.plus()) expect(walk.rank).toBeLessThanOrEqual(before + 3);
        } else expect(walk.walk(200)).toBeLessThanOrEqual(200);
        const terms = walk.terms();
        expect(terms.rank).toBe(walk.rank);
        expect(isCyclic(terms)).toBe(true);
        if (step > 10 || n < 9) expect(unpack(terms, cube(n), 'modulo-2').rank).toBe(walk.rank);
      }
    }
  });

  it('does not grow over its room', () => {
    const [start] = cyclicStarts(cube(3));
    const walk = new CyclicWalk(start.rank, new Random(1));
    walk.load(start);
    for (let step = 0; step < 20; step++) walk.plus();
    expect(walk.rank).toBeLessThanOrEqual(start.rank + 6);
  });

  it('comes to rank 7 of <2,2,2> and to 25 of <3,3,3>', () => {
    for (const [n, rank, steps] of [
      [2, 7, 100],
      [3, 25, 200],
    ] as const) {
      const explorer = new CyclicExplorer({ ...cyclic(n), starts: cyclicStarts(cube(n)) }, new Random(1));
      for (let step = 0; step < steps && explorer.bestRank > rank; step++) explorer.advance();
      expect(explorer.bestRank).toBeLessThanOrEqual(rank);
    }
  });
});

describe('a walk that keeps the reversal too', () => {
  const symmetry = 'cyclic-reversal';

  it('begins with one factorization for each partition of the diagonal that the reversal keeps', () => {
    for (const [n, ranks] of [
      [2, [13, 8]],
      [3, [32, 49, 27]],
    ] as const) {
      const starts = cyclicStarts(cube(n), symmetry);
      expect(starts.map(({ rank }) => rank)).toEqual(ranks);
      for (const start of starts) {
        expect(unpack(start, cube(n), 'modulo-2').rank).toBe(start.rank);
        expect(hasSymmetry(start, symmetry, n * n)).toBe(true);
      }
    }
    expect(cyclicStarts(cube(5), symmetry)).toHaveLength(8);
  });

  it.each([2, 3, 4, 9])('of <%i,n,n> stays so, whatever steps it takes', (n) => {
    for (const [index, start] of cyclicStarts(cube(n), symmetry)
      .slice(n < 9 ? 0 : -1)
      .entries()) {
      const walk = new CyclicWalk(start.rank + 12, new Random(index), widthOf(start), n * n);
      walk.load(start);
      for (let step = 0; step < 12; step++) {
        const before = walk.rank;
        if (step % 3 === 2) {
          if (walk.plus()) expect(walk.rank).toBeLessThanOrEqual(before + 6);
        } else walk.walk(100);
        const terms = walk.terms();
        expect(terms.rank).toBe(walk.rank);
        expect(hasSymmetry(terms, symmetry, n * n)).toBe(true);
        if (step > 10 || n < 9) expect(unpack(terms, cube(n), 'modulo-2').rank).toBe(walk.rank);
      }
    }
  });

  it('refuses what the reversal changes, and comes to rank 7 of <2,2,2>', () => {
    const [start] = cyclicStarts(cube(3)).slice(1);
    expect(hasSymmetry(start, symmetry, 9)).toBe(false);
    const walk = new CyclicWalk(start.rank, new Random(1), 2, 9);
    expect(() => walk.load(start)).toThrow(/reversal changes/);
    const explorer = new CyclicExplorer(
      { ...cyclic(2), symmetry, starts: cyclicStarts(cube(2), symmetry) },
      new Random(1),
    );
    for (let step = 0; step < 100 && explorer.bestRank > 7; step++) explorer.advance();
    expect(explorer.bestRank).toBe(7);
  });
});

describe('the choice of where symmetric walks begin', () => {
  it('gives each remainder of the rank modulo 3 a third, whichever has the lowest rank', () => {
    const choice = new CyclicChoice(cyclicStarts(cube(3)), new Random(1));
    const [lowest] = cyclicStarts(cube(2));
    choice.add(lowest);
    expect(choice.bestRank).toBe(lowest.rank);
    expect(choice.pickBest()).toBe(lowest);
    const counts = [0, 0, 0];
    for (let i = 0; i < 3000; i++) counts[choice.pick().rank % 3]++;
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
    // With a goal, its family gets 60 percent and a third of the rest.
    const toGoal = new CyclicChoice(cyclicStarts(cube(3)), new Random(1), 23);
    const ofGoal = Array.from({ length: 3000 }, () => toGoal.pick()).filter(({ rank }) => rank % 3 === 2);
    expect(Math.abs(ofGoal.length - 2200)).toBeLessThan(150);
  });
});
