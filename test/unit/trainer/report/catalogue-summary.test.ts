import { catalogueEntries, findInCatalogue } from '@alphatensor-edge/shared';
import { expect, test } from 'vitest';
import {
  catalogueEntryLines,
  catalogueLines,
  summarizeCatalogueEntry,
} from '../../../../trainer/src/report/catalogue-summary.js';

test('the catalogue is listed with figures and sources, one line for each algorithm', () => {
  const entries = catalogueEntries();
  const [head, first, ...others] = catalogueLines(entries.map(summarizeCatalogueEntry));
  expect(head).toMatch(/^name +rank +best +growth +additions +nonzeros +denominator +origin +source$/);
  expect(first).toMatch(/^2x2x2:7 +7 +7 +2\.646 +15 +42 +1 +imported +S\. Winograd$/);
  expect(others).toHaveLength(entries.length - 1);
});

test('an algorithm is shown with how it was made, and what its file does not say is unknown', () => {
  const [title, ...lines] = catalogueEntryLines(summarizeCatalogueEntry(findInCatalogue('3x2x2:11')));
  expect(title).toBe('3x2x2:11: exact <3,2,2;11>; the lowest rank known is 11');
  expect(lines.join('\n')).toMatch(/origin +composed: .+ Here (rotated|transposed)/);
  const { record, ...name } = findInCatalogue('2x2x2');
  const bare = catalogueEntryLines(summarizeCatalogueEntry({ ...name, record: { ...record, provenance: {} } })).join(
    '\n',
  );
  expect(bare).toMatch(/additions +unknown[\s\S]*source +unknown \(licence unknown\)/);
});
