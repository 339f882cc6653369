import { describe, expect, it } from 'vitest';
import {
  AlphaTensorError,
  ARITHMETICS,
  fromRows,
  laderman,
  Random,
  standard,
  strassen,
  verify,
} from '../../../../shared/src/index.js';
import { Explorer, type Find, luby } from '../../../../trainer/src/explore/explorer.js';
import { checkPackable, createWalk, pack, unpack } from '../../../../trainer/src/explore/packed.js';
import type { PackedTerms } from '../../../../trainer/src/explore/packed-terms.js';
import { modulo2 } from '../../../support/factorizations.js';

const TWO = { n: 2, m: 2, p: 2 };
const THREE = { n: 3, m: 3, p: 3 };

/** Advances until the rank is found; undefined if it is not in so many steps. */
function explore(explorer: Explorer, rank: number, steps: number): PackedTerms | undefined {
  for (let step = 0; step < steps; step++) {
    const find = explorer.advance();
    if (find !== undefined && find.terms.rank <= rank) return find.terms;
  }
  return undefined;
}

describe.each(ARITHMETICS)('a search in %s arithmetic', (arithmetic) => {
  it('comes from the standard algorithm to Strassen’s rank and to Laderman’s', () => {
    for (const [size, rank, steps] of [
      [TWO, 7, 100],
      [THREE, 23, 1000],
    ] as const) {
      const starts = [pack(standard(size), arithmetic)];
      const terms = explore(new Explorer({ size, arithmetic, starts }, new Random(1)), rank, steps);
      expect(unpack(terms as PackedTerms, size, arithmetic).rank).toBe(rank);
    }
  });

  it('walks the same way from the same seed', () => {
    const run = (seed: number) => {
      const explorer = new Explorer(
        { size: THREE, arithmetic, starts: [pack(standard(THREE), arithmetic)] },
        new Random(seed),
      );
      const seen = Array.from({ length: 60 }, () => explorer.advance()?.terms.words);
      return { seen, flips: explorer.flips, rank: explorer.bestRank };
    };
    expect(run(3)).toEqual(run(3));
    expect(run(3)).not.toEqual(run(4));
  });

  it('grows through the smaller sizes, and begins at another walker’s find', () => {
    const size = { n: 2, m: 2, p: 3 };
    const explorer = new Explorer({ size, arithmetic, starts: [] }, new Random(1));
    expect(explorer.size).toEqual(TWO);
    const terms = explore(explorer, 11, 2000);
    expect(explorer.size).toEqual(size);
    expect(unpack(terms as PackedTerms, size, arithmetic).rank).toBe(11);

    const other = new Explorer({ size, arithmetic, starts: [] }, new Random(2));
    other.adopt(size, terms as PackedTerms, true);
    expect(other.bestRank).toBe(11);
    expect(explore(other, 11, 2000)).toBeDefined();
    expect(other.bestRank).toBe(11);
  });

  it('composes what it found at smaller sizes', () => {
    const size = { n: 4, m: 4, p: 4 };
    const explorer = new Explorer({ size, arithmetic, starts: [] }, new Random(1));
    let find: Find | undefined;
    for (let step = 0; step < 1000 && find === undefined; step++) find = explorer.advance();
    expect(find).toMatchObject({ isComposed: true, terms: { rank: 49 } });
    expect(unpack((find as Find).terms, size, arithmetic).rank).toBe(49);
    expect(explorer.bestRank).toBe(49);
    // Descents go through the sizes as before.
    expect(explorer.size).not.toEqual(size);
  });
});

describe('a walk', () => {
  it('merges terms that share two factors, and drops those that vanish', () => {
    const size = { n: 1, m: 2, p: 1 };
    // (a0)(b0)(c) + (a1)(b1)(c), its first term in two halves that add up, and two terms that cancel.
    const claim = verify(
      fromRows(
        size,
        [
          [1, 1],
          [0, -1],
          [0, 1],
          [1, 1],
          [1, 1],
        ],
        [
          [1, 0],
          [1, 0],
          [0, 1],
          [0, 1],
          [0, -1],
        ],
        [[1], [1], [1], [1], [1]],
      ),
    );
    for (const arithmetic of ARITHMETICS) {
      const walk = createWalk(arithmetic, 5, new Random(1));
      walk.load(pack(claim, arithmetic));
      expect(walk.rank).toBe(2);
      expect(unpack(walk.terms(), size, arithmetic).rank).toBe(2);
    }
  });

  it('ends where no two terms share a factor', () => {
    const walk = createWalk('standard', 2, new Random(1));
    walk.load(pack(standard({ n: 1, m: 1, p: 1 }), 'standard'));
    expect(walk.walk(100)).toBe(0);
    expect(walk.plus()).toBe(false);
  });

  it('takes a plus transition to one rank more, and never over its capacity', () => {
    for (const arithmetic of ['standard', 'modulo-2'] as const) {
      const walk = createWalk(arithmetic, 8, new Random(1));
      walk.load(pack(strassen(), arithmetic));
      expect(walk.plus()).toBe(true);
      expect(walk.rank).toBe(8);
      expect(unpack(walk.terms(), TWO, arithmetic).rank).toBe(8);
      expect(walk.plus()).toBe(false);
    }
  });
});

describe('what cannot be packed is refused', () => {
  it.each([
    [
      () => checkPackable({ n: 16, m: 17, p: 2 }),
      /<16,17,2> has matrices of 272 entries.*at most 256; choose a smaller size/,
    ],
    [() => pack(modulo2(strassen()), 'standard'), /modulo 2 cannot begin a search in standard arithmetic/],
    [
      () => pack({ ...strassen(), u: { ...strassen().u, denominator: 3 } }, 'standard'),
      /coefficients -1, 0 and 1, but/,
    ],
    [
      () => pack({ ...strassen(), u: { ...strassen().u, denominator: 2 } }, 'standard'),
      /coefficients -1, 0 and 1, but/,
    ],
    [
      () => pack({ ...strassen(), u: { ...strassen().u, denominator: 2 } }, 'modulo-2'),
      /this factorization has halves/,
    ],
  ])('%#', (attempt, sentence) => {
    expect(attempt).toThrow(AlphaTensorError);
    expect(attempt).toThrow(sentence);
  });

  it('but 256 entries are not, and a fraction with an odd denominator is taken modulo 2', () => {
    expect(() => checkPackable({ n: 16, m: 16, p: 16 })).not.toThrow();
    const { u, ...rest } = laderman();
    const thirds = { ...rest, u: { coefficients: u.coefficients.map((x) => 3 * x), denominator: 3 } };
    expect(pack(thirds, 'modulo-2')).toEqual(pack(laderman(), 'modulo-2'));
    const wide = { n: 8, m: 5, p: 9 };
    for (const arithmetic of ['modulo-2', 'standard'] as const) {
      expect(unpack(pack(standard(wide), arithmetic), wide, arithmetic).rank).toBe(360);
    }
  });
});

it('Luby’s sequence', () => {
  expect(Array.from({ length: 15 }, (_, i) => luby(i + 1))).toEqual([1, 1, 2, 1, 1, 2, 4, 1, 1, 2, 1, 1, 2, 4, 8]);
});
