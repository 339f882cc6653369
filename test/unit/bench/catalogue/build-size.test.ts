import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { catalogueEntries, countNonzeros, parseFactorizationJson } from '../../../../shared/src/index.js';
import { buildSize } from '../../../bench/catalogue/build-size.js';
import type { Recipe } from '../../../bench/catalogue/recipes.js';

const folder = mkdtempSync(join(tmpdir(), 'at-catalogue-'));
afterAll(() => rmSync(folder, { recursive: true }));

const OPTIONS = {
  ...{ catalogue: join(folder), work: join(folder, 'work'), seed: 1, workers: 1, refineSeconds: 0 },
  onMessage: (text: string): void => expect(text).toBe(''),
};

function recipe(size: string, ...names: string[]): Recipe {
  const publication = { source: 'an article', licence: 'none' };
  return { size, explore: [], published: names.map((name) => ({ spec: name, name, publication })) };
}

function names(): string[] {
  return catalogueEntries(undefined, folder).map(({ name }) => name);
}

test('a size is made of what is published and of what smaller sizes give, and keeps what it had', async () => {
  await buildSize(recipe('2,2,2', 'strassen'), OPTIONS);
  expect(names()).toEqual(['2x2x2:7']);
  // Winograd's form has fewer additions, so that Strassen's, which the catalogue has, becomes the accurate one.
  await buildSize(recipe('2,2,2', 'winograd'), OPTIONS);
  expect(names()).toEqual(['2x2x2:7', '2x2x2:7-accurate']);

  await buildSize(recipe('2,2,3', 'standard:2,2,3'), OPTIONS);
  expect(names()).toEqual(['2x2x2:7', '2x2x2:7-accurate', '2x2x3:11', '2x2x3:11-accurate']);
  const file = readdirSync(folder).find((name) => name === '2x2x3_m11-accurate.json') as string;
  const { factorization, origin, notes, provenance } = parseFactorizationJson(readFileSync(join(folder, file), 'utf8'));
  expect({ origin, notes }).toEqual({ origin: 'composed', notes: 'standard:2,2,1 beside 2x2x2:7-accurate.' });
  const nonzeros = countNonzeros(factorization);
  expect(provenance).toMatchObject({ source: 'an article', licence: 'none', additions: 20, nonzeros });
});
