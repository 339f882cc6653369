import { describe, expect, it } from 'vitest';
import {
  laderman,
  loadFactorization,
  orbitInvariant,
  Random,
  standard,
  strassen,
  winograd,
} from '../../../../shared/src/index.js';
import { FlipPool } from '../../../../trainer/src/training/flips/flip-pool.js';

describe('the pool of what walks found', () => {
  const size = { n: 3, m: 3, p: 3 };
  const options = { orbits: 2, ranksAbove: 1, halfLife: 10 };

  it('keeps one image an orbit, and drops the oldest of the highest rank', async () => {
    const pool = new FlipPool(size, options);
    const [first, second] = [laderman(), (await loadFactorization('3x3x3:23')).factorization];
    const third = (await loadFactorization('3x3x3:23-accurate')).factorization;
    expect(pool.add(standard(size), 0)).toBe(true);
    expect(pool.add(first, 1)).toBe(true);
    expect(pool.add(first, 2)).toBe(false);
    // 27 products are more than one above 23.
    expect(pool.of(size)).toHaveLength(1);
    expect(pool.add(standard(size), 2)).toBe(false);
    expect(pool.add(second, 3)).toBe(true);
    expect(pool.add(third, 4)).toBe(true);
    expect(pool.of(size).map(({ step }) => step)).toEqual([3, 4]);
    expect(pool.shown).toContain(orbitInvariant(first));
  });

  it('leaves an orbit its place for a while, but not one of a higher rank', async () => {
    const [first, second] = [laderman(), (await loadFactorization('3x3x3:23')).factorization];
    const pool = new FlipPool(size, { ...options, orbits: 1, ranksAbove: 0, keepSteps: 10 });
    pool.add(standard(size), 0);
    expect(pool.add(first, 1)).toBe(true);
    expect(pool.add(second, 10)).toBe(false);
    expect(pool.shown).not.toContain(orbitInvariant(second));
    expect(pool.add(second, 11)).toBe(true);
    expect(pool.of(size)).toMatchObject([{ factorization: second, step: 11 }]);
  });

  it('keeps neighbours of the lowest rank whose orbit is new, and draws each as often as the others', async () => {
    const [first, second] = [laderman(), (await loadFactorization('3x3x3:23')).factorization];
    const pool = new FlipPool(size, { ...options, neighbours: 1, keepSteps: 10 });
    pool.addNeighbour(first, 0);
    expect(pool.shown).toEqual([]);
    pool.add(standard(size), 0);
    pool.addNeighbour(first, 0);
    expect(pool.shown).toHaveLength(1);
    pool.add(first, 1);
    pool.addNeighbour(first, 1);
    expect(pool.neighbours).toEqual([]);
    pool.addNeighbour(second, 2);
    const third = (await loadFactorization('3x3x3:23-accurate')).factorization;
    pool.addNeighbour(third, 11);
    expect(pool.neighbours).toMatchObject([{ factorization: second, step: 2 }]);
    expect(pool.shown).toContain(orbitInvariant(second));
    const random = new Random('draw');
    const drawn = Array.from({ length: 200 }, () => pool.draw(size, random));
    expect(new Set(drawn)).toEqual(new Set([first, second]));
    expect(drawn.filter((each) => each === second).length).toBeGreaterThan(70);
    expect(pool.drawKept(size, random)).toBe(first);
    pool.addNeighbour(third, 12);
    expect(pool.neighbours).toMatchObject([{ factorization: third, step: 12 }]);
  });

  it('keeps the sparsest image of an orbit', () => {
    const own = { n: 2, m: 2, p: 2 };
    const pool = new FlipPool(own, options);
    expect(pool.add(winograd(), 3)).toBe(true);
    expect(pool.add(winograd(), 4)).toBe(false);
    expect(pool.add(strassen(), 5)).toBe(true);
    expect(pool.add(winograd(), 6)).toBe(false);
    expect(pool.of(own)).toMatchObject([{ factorization: strassen(), step: 3 }]);
    expect(pool.shown).toHaveLength(1);
  });

  it('draws newer ones more often', async () => {
    const pool = new FlipPool(size, options);
    const second = (await loadFactorization('3x3x3:23')).factorization;
    pool.add(laderman(), 0);
    pool.add(second, 20);
    const random = new Random('draw');
    const drawn = Array.from({ length: 400 }, () => pool.draw(size, random));
    const share = drawn.filter((each) => each === second).length / 400;
    // Two half-lives newer: 4 to 1.
    expect(share).toBeGreaterThan(0.72);
    expect(share).toBeLessThan(0.88);
  });
});
