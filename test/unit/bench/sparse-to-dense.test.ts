import { countNonzeros, parseSize, Random } from '@alphatensor-edge/shared';
import { describe, expect, it } from 'vitest';
import { sparseToDense } from '../../bench/lambda/sparse-to-dense.js';

describe('algorithms from sparse to dense', () => {
  it('have one rank, and more nonzeros in each group than in the one before, up to half as many more', () => {
    for (const [name, rank] of [
      ['2,2,2', 7],
      ['3,3,3', 23],
    ] as const) {
      const groups = sparseToDense(parseSize(name), 2, new Random(1)).map(({ members }) => members);
      expect(groups.length).toBeGreaterThan(4);
      expect(new Set(groups.flat().map((each) => each.rank))).toEqual(new Set([rank]));
      const counts = groups.map((members) => members.map(countNonzeros));
      for (const [index, after] of counts.slice(1).entries()) {
        expect(Math.max(...counts[index])).toBeLessThan(Math.min(...after));
      }
      expect(groups.every(({ length }) => length > 0 && length <= 2)).toBe(true);
    }
  });

  it('are refused for sizes of which none is at hand', () => {
    expect(() => sparseToDense(parseSize('2,3,4'), 2, new Random(1))).toThrow('<2,3,4> is none of');
  });
});
