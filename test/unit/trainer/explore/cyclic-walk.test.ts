import { describe, expect, it } from 'vitest';
import { Random, standard } from '../../../../shared/src/index.js';
import { cyclicStarts } from '../../../../trainer/src/explore/cyclic-starts.js';
import { CyclicWalk, isCyclic } from '../../../../trainer/src/explore/cyclic-walk.js';
import { Explorer } from '../../../../trainer/src/explore/explorer.js';
import { pack, unpack } from '../../../../trainer/src/explore/packed.js';
import { widthOf } from '../../../../trainer/src/explore/packed-terms.js';

const cube = (n: number) => ({ n, m: n, p: n });

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
      const options = {
        size: cube(n),
        arithmetic: 'modulo-2',
        symmetry: 'cyclic',
        starts: cyclicStarts(cube(n)),
      } as const;
      const explorer = new Explorer(options, new Random(1));
      for (let step = 0; step < steps && explorer.bestRank > rank; step++) explorer.advance();
      expect(explorer.bestRank).toBeLessThanOrEqual(rank);
    }
  });
});
