import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  ARITHMETICS,
  type Arithmetic,
  contentHash,
  formatFactorizationJson,
  formatSize,
  type Size,
  strassen,
  type VerifiedFactorization,
  verify,
} from '../../../../shared/src/index.js';
import { isGiven, loadBeginning, startWords } from '../../../../trainer/src/explore/starts.js';
import { foundLine, resultLines, statusWords } from '../../../../trainer/src/explore/words.js';
import { moveScale } from '../../../support/factorizations.js';

const folder = mkdtempSync(join(tmpdir(), 'at-starts-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(factorization: VerifiedFactorization): string {
  const path = join(folder, 'start.json');
  writeFileSync(path, formatFactorizationJson({ factorization, origin: 'imported' }));
  return path;
}

const startsOf = async (from: string, size: Size, arithmetic: Arithmetic): Promise<readonly VerifiedFactorization[]> =>
  (await loadBeginning(from, { size, arithmetic })).starts;

const SIZE = { n: 2, m: 2, p: 3 };
const FOUND = {
  ...({ size: SIZE, rank: 11, arithmetic: 'modulo-2', lifted: false, composed: false, isInteger: true } as const),
  ...{ hash: '0123456789abcdef', file: 'found.json', seconds: 2.04, flips: 1e6 },
};
const RESULT = {
  ...({ reason: 'budget', bestRank: 11, bestIntegerRank: 11, bestRationalRank: 11, seconds: 4, flips: 8e6 } as const),
  ...{ flipsPerSecondPerWorker: 1e6, found: [] },
};

/** Strassen's algorithm in another basis of A: fractions 1 / `scale` that no scale of a product takes away. */
function inBasisOf(scale: number): VerifiedFactorization {
  const { u, v, w, ...rest } = strassen();
  return verify({
    ...rest,
    u: { coefficients: u.coefficients.map((x, i) => (i % 2 === 0 ? x : scale * x)), denominator: 1 },
    v: { coefficients: v.coefficients.map((x, i) => (i % 4 < 2 ? scale * x : x)), denominator: scale },
    w,
  });
}

describe('the words of a flip graph search', () => {
  it.each([
    [{}, 'found rank 11 (012345), modulo 2, after 2.0 s'],
    [{ arithmetic: 'modulo-3' }, 'found rank 11 (012345), modulo 3, after 2.0 s'],
    [{ lifted: true }, 'found rank 11 (012345), lifted to the integers, after 2.0 s'],
    [
      { lifted: true, isInteger: false },
      'found rank 11 (012345), lifted to the rationals, with fractions, after 2.0 s',
    ],
    [
      { arithmetic: 'standard', composed: true },
      'found rank 11 (012345), with coefficients -1, 0 and 1, composed of two smaller ones, after 2.0 s',
    ],
  ] as const)('announce %j', (how, line) => {
    expect(foundLine({ ...FOUND, ...how }, SIZE)).toBe(line);
    const elsewhere = line.replace('found ', 'found <2,2,3> ');
    expect(foundLine({ ...FOUND, ...how }, undefined)).toBe(elsewhere);
  });

  it('say how far it is, and at which size while it grows', () => {
    const now = { seconds: 4, flips: 8e6, bestRank: 12, size: SIZE };
    expect(statusWords(now, SIZE)).toBe('best rank 12, 2.0 million flips/s, 4 s');
    expect(statusWords({ ...now, bestRank: undefined, size: { n: 2, m: 2, p: 2 } }, SIZE)).toBe(
      'growing, at <2,2,2>, 2.0 million flips/s, 4 s',
    );
  });

  it.each([
    [{}, 'modulo-2', 'best rank  11'],
    [{ bestRank: 10 }, 'modulo-2', 'best rank  10 (modulo 2; 11 with integers)'],
    [{ bestIntegerRank: undefined, bestRationalRank: undefined }, 'modulo-2', 'best rank  11 (modulo 2 only)'],
    [{ bestIntegerRank: 12 }, 'modulo-3', 'best rank  11 (with fractions; 12 with integers)'],
    [{ bestIntegerRank: undefined }, 'modulo-3', 'best rank  11 (with fractions)'],
    [
      { bestRank: 10, bestIntegerRank: 12 },
      'modulo-3',
      'best rank  10 (modulo 3; 11 with fractions; 12 with integers)',
    ],
    [{ bestRank: undefined, bestIntegerRank: undefined }, 'modulo-3', 'best rank  nothing found'],
  ] as const)('say of %j %s what it came to', (ranks, arithmetic, line) => {
    expect(resultLines({ ...RESULT, ...ranks }, SIZE, arithmetic)).toEqual([
      line,
      'flips      8.0 million in 4.0 s, 1.00 million/s a thread',
    ]);
  });
});

describe('a start', () => {
  it('is the standard algorithm, nothing to grow from, or a known algorithm that counts as a demonstration', async () => {
    const size = { n: 2, m: 2, p: 2 };
    expect((await startsOf('standard', size, 'standard')).map(({ rank }) => rank)).toEqual([8]);
    expect(await startsOf('grow', size, 'standard')).toEqual([]);
    expect((await startsOf('strassen', size, 'modulo-2')).map(({ rank }) => rank)).toEqual([7]);
    expect(['standard', 'grow', 'strassen'].map(isGiven)).toEqual([false, false, true]);
    expect(['standard', 'strassen'].map((from) => startWords(from, size))).toEqual([
      'the standard algorithm',
      'strassen',
    ]);
  });

  it('of another size begins a pool that holds both, and one of another order is turned', async () => {
    const larger = await loadBeginning('strassen', { size: SIZE, arithmetic: 'standard' });
    expect(larger.starts.map(({ size }) => size)).toEqual([{ n: 2, m: 2, p: 2 }]);
    expect(larger.pool?.map(formatSize)).toEqual(['<2,2,2>', '<2,2,3>', '<2,3,3>', '<3,3,3>']);
    const turned = await loadBeginning('2x2x3:11', { size: { n: 2, m: 3, p: 2 }, arithmetic: 'standard' });
    expect(turned.starts.map(({ size }) => size)).toEqual([{ n: 2, m: 3, p: 2 }]);
    expect(turned.pool).toBeUndefined();
    const thin = loadBeginning('pool', { size: { n: 1, m: 2, p: 2 }, arithmetic: 'standard' });
    await expect(thin).rejects.toThrow(/<1,2,2> has a dimension 1/);
  });

  it('keeps the symmetry under rotations, or is refused', async () => {
    const searched = { size: { n: 3, m: 3, p: 3 }, arithmetic: 'modulo-2', symmetry: 'cyclic' } as const;
    const { starts } = await loadBeginning('standard', searched);
    expect(starts.map(({ rank }) => rank).sort()).toEqual([27, 29, 31]);
    await expect(loadBeginning('laderman', searched)).rejects.toThrow(/laderman is not symmetric under rotations/);
    for (const [from, change, sentence] of [
      ['standard', { size: SIZE }, /needs a size n,n,n/],
      ['standard', { arithmetic: 'standard' }, /add --arithmetic modulo-2/],
      ['grow', {}, /leave out --from grow/],
      ['pool', {}, /leave out --symmetry/],
    ] as const) {
      await expect(loadBeginning(from, { ...searched, ...change })).rejects.toThrow(sentence);
    }
  });

  it('may have its scales between the factors of a product', async () => {
    const scaled = verify(moveScale(strassen(), 0, 2, 'v', 'u'));
    const [start] = await startsOf(file(scaled), scaled.size, 'standard');
    expect(contentHash(start)).toBe(contentHash(strassen()));
  });

  it('with halves is refused with the advice to search modulo 3, and with sixths with another start', async () => {
    const [half, sixth] = [inBasisOf(2), inBasisOf(6)];
    for (const arithmetic of ['standard', 'modulo-2'] as const) {
      const refused = expect(startsOf(file(half), half.size, arithmetic)).rejects;
      await refused.toThrow(/ Add --arithmetic modulo-3, whose results are lifted to fractions /);
      expect(await startsOf(file(half), half.size, 'modulo-3')).toHaveLength(1);
    }
    for (const arithmetic of ARITHMETICS) {
      const refusal = await startsOf(file(sixth), sixth.size, arithmetic).catch((error: Error) => error.message);
      const from = String(refusal).match(/ Begin with another, for example --from (\S+)\.$/)?.[1] ?? '';
      expect(await startsOf(from, sixth.size, arithmetic)).toHaveLength(1);
    }
  });

  it('with a coefficient 2 is refused with the advice to search modulo 2, which can begin with it', async () => {
    // Columns of A and rows of B in another basis: the second with twice the first, the first less twice the second.
    const { u, v, ...rest } = strassen();
    const twos = verify({
      ...rest,
      u: { ...u, coefficients: u.coefficients.map((x, i, all) => (i % 2 === 1 ? x + 2 * all[i - 1] : x)) },
      v: { ...v, coefficients: v.coefficients.map((x, i, all) => (i % 4 < 2 ? x - 2 * all[i + 2] : x)) },
    });
    await expect(startsOf(file(twos), twos.size, 'standard')).rejects.toThrow(/ Add --arithmetic modulo-2, /);
    expect(await startsOf(file(twos), twos.size, 'modulo-2')).toHaveLength(1);
  });
});
