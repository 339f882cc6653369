import { expect, it } from 'vitest';
import { loadFactorization } from '../../../../shared/src/index.js';
import { candidate } from '../../../../trainer/src/fleet/algorithms.js';

it.each([
  ['strassen', 'strassen'],
  ['standard:2,2,3', 'standard:2,2,3'],
  ['2x2x2:7', '2x2x2:7'],
])('calls %s by the name that was given', async (name, label) => {
  expect(candidate(await loadFactorization(name), 'found').algorithm.label).toBe(label);
  expect(candidate(await loadFactorization(name), 'found', { depth: 2 }).algorithm.label).toBe(`${label}²`);
});

it('believes no name that a file gives itself', async () => {
  const record = { ...(await loadFactorization('strassen')), provenance: { known: 'the best of all' } };
  expect(candidate(record, 'found').algorithm.label).toMatch(/^<2,2,2;7> [0-9a-f]{6}$/);
});
