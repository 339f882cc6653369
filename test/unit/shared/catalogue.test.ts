import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { levelAdditions } from '../../../agent/src/plan/level-additions.js';
import {
  bestKnownRank,
  catalogueEntries,
  catalogueFileName,
  catalogueFolder,
  catalogueRecords,
  contentHash,
  countNonzeros,
  findInCatalogue,
  formatFactorizationJson,
  growth,
  loadFactorization,
  loadFactorizations,
  parseFactorizationJson,
  parseSize,
  sameSize,
  strassen,
  type VerifiedFactorization,
  winograd,
} from '../../../shared/src/index.js';
import { compositionsOf, type PartsOf, partsFrom } from '../../bench/catalogue/compositions.js';
import { RECIPES } from '../../bench/catalogue/recipes.js';

const FOLDER = fileURLToPath(new URL('../../../catalogue', import.meta.url));
const ENTRIES = catalogueEntries();

/** Larger ones take seconds to count. */
const COUNTED_RANK = 50;
/** The search for common sums may find a little more or less than when a file was made: npm run bench catalogue -- --seconds 0 counts anew. */
const COUNTED_WITHIN = 0.05;

function additionsOf(factorization: VerifiedFactorization): number {
  return levelAdditions(factorization).after.total;
}

describe('the catalogue', () => {
  it('is that of the clone, and small', () => {
    expect(join(catalogueFolder() ?? '', '.')).toBe(join(FOLDER, '.'));
    const bytes = readdirSync(FOLDER).map((file) => statSync(join(FOLDER, file)).size);
    expect(bytes.reduce((sum, each) => sum + each)).toBeLessThan(1_000_000);
    expect(readdirSync(FOLDER).length).toBe(ENTRIES.length + 1);
  });

  it('has every size up to <5,5,5>, and every one of the recipes, with a scheme of the fewest additions', () => {
    const sizes = new Set(RECIPES.map(({ size }) => size));
    for (let n = 2; n <= 5; n++)
      for (let m = n; m <= 5; m++) for (let p = m; p <= 5; p++) expect(sizes).toContain(`${n},${m},${p}`);
    const simplest = ENTRIES.filter(({ variant }) => variant === '').map(({ size: { n, m, p } }) => `${n},${m},${p}`);
    expect([...simplest].sort()).toEqual([...sizes].sort());
  });

  it('says of each scheme what is true of it', () => {
    for (const { name, rank, size, record } of ENTRIES) {
      const { factorization, provenance = {}, notes } = record;
      expect({ name, size: factorization.size, rank: factorization.rank }).toEqual({ name, size, rank });
      expect(factorization.arithmetic).toBe('standard');
      expect(provenance.growth).toBeCloseTo(growth(factorization), 5);
      const stated = Number(provenance.additions);
      if (rank <= COUNTED_RANK) {
        const off = Math.abs(additionsOf(factorization) / stated - 1);
        expect({ name, stated, off: off > COUNTED_WITHIN }).toEqual({ name, stated, off: false });
      }
      expect(provenance.nonzeros).toBe(countNonzeros(factorization));
      for (const text of [provenance.source, provenance.licence, notes]) expect(text).toMatch(/\w/);
    }
  });

  it('keeps no scheme that another of its size, or a composition of smaller ones, beats', () => {
    const all = partsFrom(ENTRIES.map(({ name, record }) => ({ name, factorization: record.factorization })));
    // One image of each, which is as good as the others.
    const parts: PartsOf = (size) => [...new Map(all(size).map((part) => [part.name, part])).values()];
    for (const { size } of RECIPES) {
      const own = ENTRIES.filter((entry) => sameSize(entry.size, parseSize(size)));
      const compositions = compositionsOf(parseSize(size), own[0].rank, parts).map(
        ({ factorization }) => factorization,
      );
      // One of those that are composed of the same parts in other places.
      const kinds = new Map(compositions.map((each) => [`${growth(each).toFixed(9)} ${countNonzeros(each)}`, each]));
      const figures = own.map(({ name, record: { factorization, provenance } }) => {
        return { name, growth: growth(factorization), additions: Number(provenance?.additions) };
      });
      const rivals = [...kinds.values()].map((factorization) => ({
        name: 'a composition',
        growth: growth(factorization),
        additions: additionsOf(factorization) * (1 + COUNTED_WITHIN),
      }));
      for (const mine of figures) {
        const better = [...figures, ...rivals].filter(
          (rival) =>
            rival.growth <= mine.growth + 1e-9 &&
            rival.additions <= mine.additions &&
            (rival.growth < mine.growth - 1e-9 || rival.additions < mine.additions),
        );
        expect({ mine, better }).toEqual({ mine, better: [] });
      }
    }
  });

  it('gives what it has in every order of the dimensions, each once', () => {
    const records = catalogueRecords();
    expect(new Set(records.map(({ factorization }) => contentHash(factorization))).size).toBe(records.length);
    const names = records.map(({ provenance }) => provenance?.catalogue);
    expect(names).toEqual(expect.arrayContaining(['2x2x3:11', '2x3x2:11', '3x2x2:11', '3x2x2:11~2']));
    expect(new Set(names).size).toBe(records.length);
    for (const { factorization, provenance } of records.slice(0, 40)) {
      const { record } = findInCatalogue(String(provenance?.catalogue));
      expect(contentHash(record.factorization)).toBe(contentHash(factorization));
    }
  });
});

describe('a name of the catalogue', () => {
  const empty = mkdtempSync(join(tmpdir(), 'at-catalogue-'));
  afterAll(() => rmSync(empty, { recursive: true }));

  it('is taken where a factorization is', async () => {
    const { factorization, provenance } = await loadFactorization('2x2x2:7');
    expect(contentHash(factorization)).toBe(contentHash(winograd()));
    expect(provenance?.catalogue).toBe('2x2x2:7');
    expect(growth((await loadFactorization('2x2x2:7-accurate')).factorization)).toBeLessThan(1.7);
    expect(await loadFactorizations('4x4x4')).toHaveLength(1);
  });

  it('turns to the order of the dimensions that is written', async () => {
    for (const size of ['2x3x4', '3x4x2', '4x2x3', '4x3x2', '2x4x3', '3x2x4']) {
      const { factorization } = await loadFactorization(size);
      expect(factorization.size).toEqual(parseSize(size));
      expect(factorization.rank).toBe(bestKnownRank(factorization.size));
    }
  });

  it('that is wrong is refused with those that come near', async () => {
    const message = (text: string): Promise<string> => loadFactorization(text).then(String, (error) => error.message);
    expect(await message('3x2x2:12')).toMatch(/no "3x2x2:12"; for 3x2x2 it has 3x2x2:11, 3x2x2:11-accurate/);
    expect(await message('2x2x2:7-acurate')).toMatch(/for 2x2x2 it has .*2x2x2:7-accurate.*\.\/2x2x2:7-acurate/);
    expect(await message('2x2x3:11~3')).toMatch(/no image "2x2x3:11~3"; of that size there are 2x2x3:11, 2x2x3:11~2\./);
    expect(await message('7x7x7')).toMatch(/it has, in any order of the dimensions, 2x2x2, 2x2x3/);
    expect(await message('0x2x2')).toMatch(/n must be a whole number from 1/);
    expect(await message('strasen')).toMatch(/no known algorithm.*such as 4x4x4:48/);
    expect(() => findInCatalogue('2x2x2', empty)).toThrow(/no "2x2x2"/);
  });

  it('of the most accurate scheme is also that of the only one', async () => {
    const text = formatFactorizationJson({ factorization: strassen(), origin: 'imported' }, { spaces: false });
    writeFileSync(join(empty, catalogueFileName({ size: strassen().size, rank: 7, variant: '' })), text);
    expect(text).toContain('[1,0,0,1]');
    expect(parseFactorizationJson(text).factorization).toEqual(strassen());
    expect(findInCatalogue('2x2x2:7-accurate', empty).name).toBe('2x2x2:7');
    expect(() => findInCatalogue('2x2x2:7-balanced', empty)).toThrow(/for 2x2x2 it has 2x2x2:7\./);
  });
});
