import { describe, expect, it } from 'vitest';
import { refinedLines, refinedNotes, refiningWords } from '../../../../trainer/src/refine/words.js';

const BEFORE = { growth: 2.6458, nonzeros: 40 };
const POINT = { growth: 1.75, nonzeros: 50, additions: 22 };

describe('the words of a refinement', () => {
  it('say how far it is', () => {
    expect(refiningWords({ fraction: 0.5, growth: 1.7004, floor: 5 / 3 })).toBe('growth 1.700, floor 1.667');
  });

  it.each([
    ['bases', 'by changes of basis'],
    ['flips', 'by changes of basis and flips'],
    ['product', 'by way of a product of smaller algorithms, and changes of basis'],
  ] as const)('say where a file comes from: %s', (way, how) => {
    expect(refinedNotes({ from: 'winograd', before: BEFORE, point: POINT, way, seed: 4 })).toBe(
      `Refined from winograd (growth 2.646, 40 nonzeros) ${how} to growth 1.750, 50 nonzeros, 22 additions (seed 4).`,
    );
  });

  it('say what came of an algorithm, with a line for each file', () => {
    const refined = {
      ...{ from: 'winograd', size: { n: 2, m: 2, p: 2 }, rank: 7, before: BEFORE, floor: 1.7 },
      ...{ best: { ...POINT, floor: 1.65 }, chains: 20, seconds: 0.54 },
      front: [
        { growth: 2, nonzeros: 36, file: 'a.json' },
        {
          ...{ ...POINT, file: 'b.json' },
          measured: [
            {
              ...{ agent: 'laptop', problem: '2048 f32', speedup: { estimate: 1.2, low: 1.1, high: 1.3 } },
              ...{ relativeError: 4e-7, baselineRelativeError: 2e-7 },
            },
          ],
        },
      ],
    };
    expect(refinedLines(refined)).toEqual([
      'winograd: <2,2,2;7>, growth 2.646, 40 nonzeros',
      '  floor    1.700 over the reals; the orbit of the best has 1.650',
      '  reached  1.750, 2.9 % above the floor, 50 nonzeros (1.25x), 20 chains in 0.5 s',
      '  growth 2.000  0.90x nonzeros  a.json',
      '  growth 1.750  1.25x nonzeros  22 additions  b.json',
      "    2048 f32 on laptop: 1.200x (1.100 to 1.300), error 4.0e-7, 2.0 times the baseline's",
    ]);
  });
});
