import { catalogueRecords, contentHash } from '@alphatensor-edge/shared';
import { expect, it } from 'vitest';
import { newTuneRun } from '../../../../trainer/src/run/tune-run.js';
import { schemesOf } from '../../../../trainer/src/tune/combinations.js';

const WISHES = {
  ...{ agent: 'laptop', problems: [], backend: undefined, variant: undefined, levels: [0, 2] as [number, number] },
  ...{ mixed: true, tunePlans: 8, seed: 1, maxError: 4, prefer: 'fast' as const, candidates: 24, workspaceTimes: 1 },
};

it('a new tuning run tries all of the catalogue where nothing is named, under the names of the catalogue', async () => {
  const run = await newTuneRun('unused', [], WISHES);
  expect(run.sources).toEqual(['catalogue']);
  const hashes = (records: typeof run.records): string[] => records.map((one) => contentHash(one.factorization));
  expect(hashes(run.records)).toEqual(hashes(catalogueRecords()));
  const names = schemesOf(run.records).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['2x4x4:26', '4x2x4:26', '4x4x2:26~2']));

  const named = await newTuneRun('unused', ['strassen', '4x2x4:26-accurate'], WISHES);
  expect(schemesOf(named.records).map(({ name }) => name)).toEqual(['Strassen', '4x2x4:26-accurate']);
});
