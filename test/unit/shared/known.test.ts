import { describe, expect, test } from 'vitest';
import { countNonzeros, KNOWN, LIMITS, laderman, resolveKnown, standard } from '../../../shared/src/index.js';

describe('known algorithms', () => {
  test('have the sizes and ranks of their articles', () => {
    const ranks = Object.entries(KNOWN).map(([name, make]) => [name, make().size, make().rank]);
    expect(ranks).toEqual([
      ['strassen', { n: 2, m: 2, p: 2 }, 7],
      ['winograd', { n: 2, m: 2, p: 2 }, 7],
      ['laderman', { n: 3, m: 3, p: 3 }, 23],
    ]);
    // 98 additions without sharing, as Laderman's algorithm is always quoted: nonzeros - 2*23 - 9 outputs.
    expect(countNonzeros(laderman()) - 2 * 23 - 9).toBe(98);
  });

  test('are found by name', () => {
    expect(resolveKnown('winograd')).toEqual(KNOWN.winograd());
    expect(resolveKnown('standard:2,3,4')).toEqual(standard({ n: 2, m: 3, p: 4 }));
    expect(() => resolveKnown('strasen')).toThrow(/"strasen".*strassen, winograd, laderman, standard:n,m,p/);
    expect(() => resolveKnown('constructor')).toThrow(/not a known algorithm/);
    expect(() => resolveKnown('standard:64,64,64')).toThrow(new RegExp(`at most ${LIMITS.maxRank}`));
  });
});
