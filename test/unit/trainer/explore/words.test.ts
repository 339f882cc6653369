import { describe, expect, it } from 'vitest';
import { isGiven, loadStarts, startWords } from '../../../../trainer/src/explore/starts.js';
import { foundLine, resultLines, statusWords } from '../../../../trainer/src/explore/words.js';

const SIZE = { n: 2, m: 2, p: 3 };
const FOUND = {
  ...({ rank: 11, arithmetic: 'modulo-2', lifted: false, composed: false } as const),
  ...{ hash: '0123456789abcdef', file: 'found.json', seconds: 2.04, flips: 1e6 },
};
const RESULT = {
  ...({ reason: 'budget', bestRank: 11, bestIntegerRank: 11, seconds: 4, flips: 8e6 } as const),
  ...{ flipsPerSecondPerWorker: 1e6, found: [] },
};

describe('the words of a flip graph search', () => {
  it.each([
    [{}, 'found rank 11 (012345), modulo 2, after 2.0 s'],
    [{ lifted: true }, 'found rank 11 (012345), lifted to the integers, after 2.0 s'],
    [
      { arithmetic: 'standard', composed: true },
      'found rank 11 (012345), with coefficients -1, 0 and 1, composed of two smaller ones, after 2.0 s',
    ],
  ] as const)('announce %j', (how, line) => {
    expect(foundLine({ ...FOUND, ...how })).toBe(line);
  });

  it('say how far it is, and at which size while it grows', () => {
    const now = { seconds: 4, flips: 8e6, bestRank: 12, size: SIZE };
    expect(statusWords(now, SIZE)).toBe('best rank 12, 2.0 million flips/s, 4 s');
    expect(statusWords({ ...now, bestRank: undefined, size: { n: 2, m: 2, p: 2 } }, SIZE)).toBe(
      'growing, at <2,2,2>, 2.0 million flips/s, 4 s',
    );
  });

  it.each([
    [{}, 'best rank  11'],
    [{ bestRank: 10 }, 'best rank  10 (modulo 2; 11 with integers)'],
    [{ bestIntegerRank: undefined }, 'best rank  11 (modulo 2 only)'],
    [{ bestRank: undefined, bestIntegerRank: undefined }, 'best rank  nothing found'],
  ])('say of %j what it came to', (ranks, line) => {
    expect(resultLines({ ...RESULT, ...ranks })).toEqual([
      line,
      'flips      8.0 million in 4.0 s, 1.00 million/s a thread',
    ]);
  });
});

describe('a start', () => {
  it('is the standard algorithm, nothing to grow from, or a known algorithm that counts as a demonstration', async () => {
    const size = { n: 2, m: 2, p: 2 };
    expect((await loadStarts('standard', size, 'standard')).map(({ rank }) => rank)).toEqual([8]);
    expect(await loadStarts('grow', size, 'standard')).toEqual([]);
    expect((await loadStarts('strassen', size, 'modulo-2')).map(({ rank }) => rank)).toEqual([7]);
    expect(['standard', 'grow', 'strassen'].map(isGiven)).toEqual([false, false, true]);
    expect(['standard', 'strassen'].map((from) => startWords(from, size))).toEqual([
      'the standard algorithm',
      'strassen (<2,2,2>)',
    ]);
    await expect(loadStarts('strassen', SIZE, 'standard')).rejects.toThrow(/has size <2,2,2>, not <2,2,3>/);
  });
});
