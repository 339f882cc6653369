import { expect, it } from 'vitest';
import { configurationHash } from '../../../../trainer/src/cluster/run-record.js';
import { checkAgainst } from '../../../../trainer/src/cluster/self-check.js';
import { clusterConfig } from '../../../support/cluster-games.js';

it('tells configurations apart, and not what each machine chooses', () => {
  const config = clusterConfig();
  const hash = configurationHash(config);
  const { search, ...rest } = config;
  expect(configurationHash({ search, ...rest })).toBe(hash);
  expect(configurationHash({ ...config, actBackend: 'tfjs', acting: { ...config.acting, workers: 4 } })).toBe(hash);
  expect(configurationHash({ ...config, moveLimit: config.moveLimit - 1 })).not.toBe(hash);
  expect(configurationHash({ ...config, search: { ...search, samples: search.samples + 1 } })).not.toBe(hash);
  expect(configurationHash({ ...config, acting: { ...config.acting, goalRank: 10 } })).not.toBe(hash);
});

it('lets a machine play that agrees with the learner up to rounding', () => {
  expect(() => checkAgainst(-10.001, -10)).not.toThrow();
  for (const wrong of [-12, 10, Number.NaN]) expect(() => checkAgainst(wrong, -10)).toThrow(/fixed position/);
});
