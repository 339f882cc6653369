import { describe, expect, it } from 'vitest';
import {
  compose,
  contentHash,
  laderman,
  loadFactorization,
  Random,
  standard,
  strassen,
  verify,
  winograd,
} from '../../../../shared/src/index.js';
import { Gf2System } from '../../../../trainer/src/explore/gf2.js';
import { Gf3System } from '../../../../trainer/src/explore/gf3.js';
import { isLiftable, lift } from '../../../../trainer/src/explore/lift.js';
import { reconstructRationals } from '../../../../trainer/src/explore/rational.js';
import { dataPath, needsData } from '../../../support/data.js';
import { modulo2, modulo3 } from '../../../support/factorizations.js';

describe('lifting from modulo 3 to the rationals', () => {
  it.each([
    ['strassen', strassen()],
    ['laderman', laderman()],
  ])('gives integers where there are such: %s', (_, known) => {
    const lifted = lift(modulo3(known), new Random(1));
    expect(lifted).toMatchObject({
      rank: known.rank,
      u: { denominator: 1 },
      v: { denominator: 1 },
      w: { denominator: 1 },
    });
  });

  it('gives integers where walks made a 2 of 1 + 1', () => {
    // Columns of A and rows of B in another basis: the second with twice the first, the first less twice the second.
    const { u, v, ...rest } = strassen();
    const twos = verify({
      ...rest,
      u: { ...u, coefficients: u.coefficients.map((x, i, all) => (i % 2 === 1 ? x + 2 * all[i - 1] : x)) },
      v: { ...v, coefficients: v.coefficients.map((x, i, all) => (i % 4 < 2 ? x - 2 * all[i + 2] : x)) },
    });
    const lifted = lift(modulo3(twos), new Random(1));
    expect(lifted).toMatchObject({ rank: 7, u: { denominator: 1 }, v: { denominator: 1 }, w: { denominator: 1 } });
  });

  it.each(['2x4x5:32', '4x4x4:48'])('gives halves that are right, and equal modulo 3: %s', async (name) => {
    const known = (await loadFactorization(name)).factorization;
    const elements = modulo3(known);
    const lifted = lift(elements, new Random(1));
    expect(lifted).toMatchObject({ arithmetic: 'standard', rank: known.rank, size: known.size });
    if (lifted === undefined) return;
    expect(contentHash(modulo3(lifted))).toBe(contentHash(elements));
    const denominator = lifted.u.denominator * lifted.v.denominator * lifted.w.denominator;
    expect(denominator).toBeGreaterThan(1);
    expect(Number.isInteger(Math.log2(denominator))).toBe(true);
  });
});

describe('lifting from modulo 2 to the integers', () => {
  it.each([
    ['standard', standard({ n: 2, m: 3, p: 2 })],
    ['strassen', strassen()],
    ['winograd', winograd()],
    ['laderman', laderman()],
    ['strassen twice', compose(strassen(), strassen())],
  ])('finds integers that are right and equal modulo 2: %s', (_, known) => {
    const bits = modulo2(known);
    const lifted = lift(bits, new Random(1));
    expect(lifted).toMatchObject({ arithmetic: 'standard', rank: known.rank, size: known.size });
    if (lifted !== undefined) expect(modulo2(lifted)).toEqual(bits);
  });

  it('gives up on what cannot be lifted', async (context) => {
    needsData(context);
    // Rank 47 for <4,4,4> is known modulo 2 only (Fawzi et al. 2022).
    const { factorization } = await loadFactorization(dataPath('deepmind-alphatensor', 'factorizations_f2.npz#4,4,4'));
    expect(factorization).toMatchObject({ arithmetic: 'modulo-2', rank: 47 });
    expect(lift(factorization, new Random(1))).toBeUndefined();
  });

  it('is not tried where its linear system does not fit into memory', () => {
    expect(isLiftable({ size: { n: 5, m: 5, p: 5 }, rank: 125, arithmetic: 'modulo-2' })).toBe(true);
    expect(isLiftable({ size: { n: 8, m: 8, p: 8 }, rank: 343, arithmetic: 'modulo-2' })).toBe(false);
  });

  it('refuses integers', () => {
    expect(() => lift(strassen(), new Random(1))).toThrow();
  });
});

describe('fractions from what they are modulo a power of 3', () => {
  const POWER = 3 ** 9;
  /** The inverse of 2 modulo POWER. */
  const HALF = (POWER + 1) / 2;

  it('are found over their common denominator, integers among them', () => {
    expect(reconstructRationals([0, 1, -7, HALF, -3 * HALF, HALF * HALF], POWER)).toEqual({
      coefficients: Int32Array.of(0, 4, -28, 2, -6, 1),
      denominator: 4,
    });
  });

  it('are not made up: numerators and denominators are below the root of half the power', () => {
    const most = Math.floor(Math.sqrt(POWER / 2));
    expect(reconstructRationals([most], POWER)).toMatchObject({ coefficients: Int32Array.of(most), denominator: 1 });
    const found = Array.from({ length: 200 }, (_, i) => reconstructRationals([most + 1 + i], POWER)).filter(
      (each) => each !== undefined,
    );
    for (const { coefficients, denominator } of found) {
      expect(Math.max(Math.abs(coefficients[0]), denominator)).toBeLessThanOrEqual(most);
    }
    expect(found.length).toBeLessThan(200);
  });
});

describe('a linear system modulo 3', () => {
  const product = (matrix: number[][], x: ArrayLike<number>): number[] =>
    matrix.map((row) => row.reduce((sum, a, j) => (sum + a * x[j]) % 3, 0));
  const solverOf = (matrix: number[][]): Gf3System => {
    const words = Math.ceil(matrix[0].length / 32);
    const planes = [1, 2].map((element) => {
      const plane = new Int32Array(matrix.length * words);
      matrix.forEach((row, i) => {
        row.forEach((a, j) => {
          if (a === element) plane[i * words + (j >> 5)] |= 1 << (j & 31);
        });
      });
      return plane;
    });
    return new Gf3System(planes[0], planes[1], matrix.length, matrix[0].length);
  };

  it('is solved for many right-hand sides', () => {
    const random = new Random(1);
    const draw = (length: number): number[] => Array.from({ length }, () => random.int(3));
    for (const [rows, columns] of [
      [3, 70],
      [40, 40],
      [90, 35],
    ]) {
      const matrix = Array.from({ length: rows }, () => draw(columns));
      const system = solverOf(matrix);
      for (let i = 0; i < 10; i++) {
        const b = product(matrix, draw(columns));
        const x = system.solve(Uint8Array.from(b));
        expect(product(matrix, x as Uint8Array)).toEqual(b);
      }
    }
  });

  it('has no solution where the equations contradict each other', () => {
    const system = solverOf([
      [1, 2, 0],
      [0, 1, 2],
      [1, 0, 2],
    ]);
    expect(system.rank).toBe(2);
    expect(system.solve(Uint8Array.from([1, 1, 2]))).toEqual(Uint8Array.from([2, 1, 0]));
    expect(system.solve(Uint8Array.from([1, 1, 0]))).toBeUndefined();
  });
});

describe('a linear system modulo 2', () => {
  /** A random matrix as rows of bits, wider than one word. */
  const draw = (random: Random, rows: number, columns: number): number[][] =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => random.int(2)));
  const packed = (matrix: number[][]): Int32Array => {
    const words = Math.ceil(matrix[0].length / 32);
    const entries = new Int32Array(matrix.length * words);
    matrix.forEach((row, i) => {
      row.forEach((bit, j) => {
        entries[i * words + (j >> 5)] |= bit << (j & 31);
      });
    });
    return entries;
  };
  const product = (matrix: number[][], x: ArrayLike<number>): number[] =>
    matrix.map((row) => row.reduce((sum, bit, j) => sum ^ (bit & x[j]), 0));

  it('is solved for many right-hand sides', () => {
    const random = new Random(1);
    for (const [rows, columns] of [
      [3, 70],
      [40, 40],
      [90, 35],
    ]) {
      const matrix = draw(random, rows, columns);
      const system = new Gf2System(packed(matrix), rows, columns);
      for (let i = 0; i < 10; i++) {
        const b = product(matrix, draw(random, 1, columns)[0]);
        const x = system.solve(Uint8Array.from(b));
        expect(x).toBeDefined();
        expect(product(matrix, x as Uint8Array)).toEqual(b);
      }
    }
  });

  it('has no solution where the equations contradict each other', () => {
    const matrix = [
      [1, 1, 0],
      [0, 1, 1],
      [1, 0, 1],
    ];
    const system = new Gf2System(packed(matrix), 3, 3);
    expect(system.rank).toBe(2);
    expect(system.solve(Uint8Array.from([1, 0, 1]))).toEqual(Uint8Array.from([1, 0, 0]));
    expect(system.solve(Uint8Array.from([1, 0, 0]))).toBeUndefined();
  });
});
