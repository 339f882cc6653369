import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../shared/src/index.js';

const draw = (random: Random, count = 20): number[] => Array.from({ length: count }, () => random.uint32());

describe('Random', () => {
  test('repeats from its seed and differs between seeds', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (a, b) => {
        expect(draw(new Random(a))).toEqual(draw(new Random(a)));
        if (a !== b) expect(draw(new Random(a))).not.toEqual(draw(new Random(b)));
      }),
    );
  });

  test('goes on from its state, also after a round trip through JSON', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(50), (seed, steps) => {
        const random = new Random(seed);
        draw(random, steps);
        const copy = new Random(JSON.parse(JSON.stringify(random.state)));
        expect(draw(copy)).toEqual(draw(random));
      }),
    );
  });

  test('a split is named by its label and leaves its parent alone', () => {
    fc.assert(
      fc.property(fc.integer(), fc.string(), fc.string(), (seed, a, b) => {
        const random = new Random(seed);
        const before = random.state;
        const first = draw(random.split(a));
        expect(random.state).toEqual(before);
        expect(draw(random.split(a))).toEqual(first);
        if (a !== b) expect(draw(random.split(b))).not.toEqual(first);
        expect(draw(random)).not.toEqual(first);
      }),
    );
  });

  test('a hundred thousand splits are all different', () => {
    const random = new Random(1);
    const states = new Set<string>();
    for (let i = 0; i < 100_000; i++) states.add(random.split(i).state.join());
    expect(states.size).toBe(100_000);
  });

  test('whole numbers, normals and categories are distributed as they say', () => {
    const random = new Random('moments');
    const count = 40_000;
    const faces = new Array<number>(6).fill(0);
    for (let i = 0; i < count; i++) faces[random.int(6)]++;
    for (const face of faces) expect(face / count).toBeCloseTo(1 / 6, 2);

    const normals = Array.from({ length: count }, () => random.normal());
    const mean = normals.reduce((sum, x) => sum + x, 0) / count;
    const variance = normals.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.05);

    const picked = [0, 0, 0];
    for (let i = 0; i < count; i++) picked[random.categorical([1, 0, 3])]++;
    expect(picked[1]).toBe(0);
    expect(picked[2] / count).toBeCloseTo(0.75, 1);
  });

  test('a shuffle keeps every item', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
        const shuffled = new Random(seed).shuffle([...items]);
        expect(shuffled.sort((a, b) => a - b)).toEqual([...items].sort((a, b) => a - b));
      }),
    );
  });
});
