import { describe, expect, it } from 'vitest';
import { refinedLines, refinedNotes, refiningWords } from '../../../../trainer/src/refine/words.js';

const BEFORE = { growth: 2.6458, nonzeros: 40 };
const POINT = { growth: 1.75, nonzeros: 50 };

describe('the words of a refinement', () => {
  it('say how far it is', () => {
    expect(refiningWords({ fraction: 0.5, growth: 1.7004, floor: 5 / 3 })).toBe('growth 1.700, floor 1.667');
  });

  it.each([
    [true, 'by changes of basis'],
    [false, 'by changes of basis and flips'],
  ])('say where a file comes from: in the same orbit %s', (isInOrbit, how) => {
    expect(refinedNotes({ from: 'winograd', before: BEFORE, point: POINT, isInOrbit, seed: 4 })).toBe(
      `Refined from winograd (growth 2.646, 40 nonzeros) ${how} to growth 1.750, 50 nonzeros (seed 4).`,
    );
  });

  it('say what came of an algorithm, with a line for each file', () => {
    const refined = {
      ...{ from: 'winograd', size: { n: 2, m: 2, p: 2 }, rank: 7, before: BEFORE, floor: 1.7 },
      ...{ best: { ...POINT, floor: 1.65 }, chains: 20, seconds: 0.54 },
      front: [
        { growth: 2, nonzeros: 36, file: 'a.json' },
        { ...POINT, file: 'b.json' },
      ],
    };
    expect(refinedLines(refined)).toEqual([
      'winograd: <2,2,2;7>, growth 2.646, 40 nonzeros',
      '  floor    1.700 over the reals; the orbit of the best has 1.650',
      '  reached  1.750, 2.9 % above the floor, 50 nonzeros (1.25x), 20 chains in 0.5 s',
      '  growth 2.000  0.90x nonzeros  a.json',
      '  growth 1.750  1.25x nonzeros  b.json',
    ]);
  });
});
