import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  catalogueEntries,
  countNonzeros,
  loadFactorization,
  parseFactorizationJson,
} from '../../../../shared/src/index.js';
import { buildSize } from '../../../bench/catalogue/build-size.js';
import { locate } from '../../../bench/catalogue/locate.js';
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

test('schemes that are elsewhere are found in a folder of clones, also inside a notebook, and else are said to be missing', async () => {
  const notebook = join(folder, 'results', 'some.ipynb');
  mkdirSync(join(folder, 'results'));
  // A(1) B(1): the standard <1,1,1>, with a cell before it.
  const source = ['#@title\n', 'decomposition_111 = (np.array([[1.]]), np.array([[1.]]), np.array([[1.]]))\n'];
  writeFileSync(notebook, JSON.stringify({ cells: [{ source: ['import numpy\n'] }, { source }] }));
  const publication = { source: 'an article', licence: 'none' };
  const scheme = (spec: string) => ({ spec, name: spec, from: 'clones' as const, publication });
  const where = { clones: folder, work: folder };
  const found = locate(scheme('results/some.ipynb#1,1,1'), where);
  expect((await loadFactorization(String(found))).factorization.rank).toBe(1);
  expect(locate(scheme('results/some.ipynb#2,2,2'), where)).toBeUndefined();
  expect(locate(scheme('results/absent.json'), where)).toBeUndefined();
  const said: string[] = [];
  const missing: Recipe = {
    size: '2,2,2',
    explore: [],
    published: [scheme('x.json'), { spec: 'strassen', name: 'strassen', publication }],
  };
  await buildSize(missing, { ...OPTIONS, catalogue: join(folder, 'results'), onMessage: (text) => said.push(text) });
  expect(said).toEqual(['x.json is not on this machine; --clones names the folder of the clones']);
});

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
