import { expect, it } from 'vitest';
import { levelSource } from '../../../../agent/src/export/level-source.js';
import { loadFactorization, strassen } from '../../../../shared/src/index.js';

it('says whose algorithm a level is', async () => {
  const text = levelSource(await loadFactorization('4x2x4:26-accurate'));
  expect(text).toMatch(
    /^origin \S+, `4x2x4:26-accurate` of the catalogue, source: .+, licence: .+, content hash `[0-9a-f]{64}`$/,
  );
  const plain = levelSource({ factorization: strassen(), origin: 'imported' });
  expect(plain).toMatch(/^origin imported, content hash `[0-9a-f]{64}`$/);
});

it('keeps what others wrote in one line', () => {
  const provenance = { source: 'a\n# b\u001b[2J', licence: 3 };
  const text = levelSource({ factorization: strassen(), origin: 'imported', provenance });
  expect(text).toMatch(/^origin imported, source: a # b\ufffd\[2J, content hash/);
});
