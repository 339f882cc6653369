import { loadFactorization, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { describe, expect, it } from 'vitest';
import { levelAdditions } from '../../../../agent/src/plan/level-additions.js';
import { dataPath, needsData } from '../../../support/data.js';

const load = async (name: string): Promise<VerifiedFactorization> => (await loadFactorization(name)).factorization;

describe('levelAdditions', () => {
  it("shares the common sums of Winograd's form, and has none to share in Strassen's", async () => {
    expect(levelAdditions(await load('winograd'))).toMatchObject({
      ...{ rank: 7, nonzeros: 42, growth: Math.sqrt(7) },
      before: { a: 7, b: 7, c: 10, total: 24 },
      after: { a: 4, b: 4, c: 7, total: 15 },
      scalings: { total: 0 },
    });
    expect(levelAdditions(await load('strassen'))).toMatchObject({ before: { total: 18 }, after: { total: 18 } });
  });

  it('refuses what is exact modulo 2 only', async (context) => {
    needsData(context);
    const level = await load(`${dataPath('deepmind-alphatensor', 'factorizations_f2.npz')}#4,4,4`);
    expect(() => levelAdditions(level)).toThrow(/exact modulo 2 only/);
  });
});
