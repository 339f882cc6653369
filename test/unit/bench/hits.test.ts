import { describe, expect, it } from 'vitest';
import { isExact, Random, strassen } from '../../../shared/src/index.js';
import { isSolved, play } from '../../../trainer/src/game/state.js';
import { presetForSize } from '../../../trainer/src/presets.js';
import { BASES, begunAt, openingAt } from '../../bench/hits/whole-openings.js';

const CONFIG = presetForSize('tiny', { n: 2, m: 2, p: 2 });

describe('an opening of the bench of hits', () => {
  it('has the moves of the rank, in the canonical basis or in one that mixes entries', () => {
    const [canonical, random] = BASES.map((basis) => openingAt(CONFIG, 7, basis, new Random(1)).position);
    expect([canonical, random].map(({ movesLeft }) => movesLeft)).toEqual([7, 7]);
    const nonzeros = [canonical, random].map(({ residual }) => residual.filter((x) => x !== 0).length);
    expect(nonzeros[0]).toBe(8);
    expect(nonzeros[1]).toBeGreaterThan(8);
  });

  it.each(BASES)('or begins where terms of an algorithm are left, in a basis that is %s', (basis) => {
    for (let seed = 0; seed < 8; seed++) {
      const { position, isSolution, factorization } = begunAt(CONFIG, strassen(), 1, basis, new Random(seed));
      expect(position.movesLeft).toBe(1);
      expect(position.history).toHaveLength(6);
      const last = termOf(position.residual);
      expect(isSolved(play(position, last))).toBe(true);
      const moves = [...position.history, last];
      expect(isSolution(moves)).toBe(true);
      expect(isExact(factorization(moves))).toBe(true);
      expect(() => isSolution(position.history)).toThrow();
    }
  });
});

/** The only term of a residual of <2,2,2>: its first nonzero fibres, up to sign. */
function termOf(residual: Int8Array): Int8Array {
  const first = residual.findIndex((x) => x !== 0);
  const [a, b, c] = [first >> 4, (first >> 2) & 3, first & 3];
  const along = (stride: number, from: number): number[] => [0, 1, 2, 3].map((i) => residual[from + i * stride]);
  const u = along(16, first - 16 * a).map((x) => x * residual[first]);
  const v = along(4, first - 4 * b).map((x) => x * residual[first]);
  const w = along(1, first - c);
  return Int8Array.from([...u, ...v, ...w]);
}
