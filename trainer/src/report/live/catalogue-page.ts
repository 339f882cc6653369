import { catalogueEntries, standardRank } from '@alphatensor-edge/shared';
import { type CatalogueSummary, summarizeCatalogueEntry } from '../catalogue-summary.js';
import { count, formatRatio } from '../format.js';
import { type Markup, markup } from '../markup.js';
import { scrollHint } from '../sections/parts.js';
import type { LivePage } from './page.js';

let summaries: CatalogueSummary[] | undefined;

/** Makes the list of the schemes that come with the program. They are read and verified once. @throws AlphaTensorError NOT_FOUND */
export function cataloguePage(): LivePage {
  summaries ??= catalogueEntries().map(summarizeCatalogueEntry);
  return {
    title: 'Catalogue',
    status: `${count(summaries.length, 'scheme')}, each verified exactly.`,
    body: table(summaries),
    isOfHome: true,
  };
}

const HEAD = ['Name', 'Rank', 'Best known', 'Products saved', 'Error growth', 'Additions', 'Nonzeros', 'Denominator'];

function table(all: readonly CatalogueSummary[]): Markup {
  const number = (value: number, text = String(value)): Markup =>
    markup`<td class="number" data-sort="${value}">${text}</td>`;
  const rows = all.map(
    ({ name, size, rank, bestKnownRank, growth, additions, nonzeros, denominator, source }) =>
      markup`<tr><th scope="row">${name}<small>${(source ?? 'source unknown').split(/, (?=["a])/)[0]}</small></th>${number(rank)}${number(bestKnownRank)}${number(
        standardRank(size) / rank,
        `${formatRatio(standardRank(size) / rank)}×`,
      )}${number(growth, growth.toFixed(3))}${additions === undefined ? markup`<td class="number">unknown</td>` : number(additions)}${number(nonzeros)}${number(denominator)}</tr>`,
  );
  return markup`<p class="hint">Products saved: the schoolbook’s multiplications over the rank, which bounds the speed-up of one level. Error growth: how many times it multiplies rounding errors; the schoolbook has 1.</p>${scrollHint()}
<div class="scroll" role="region" tabindex="0" aria-label="Schemes"><table class="sortable"><caption class="unseen">Schemes of the catalogue</caption>
<thead><tr>${HEAD.map((title, index) => markup`<th scope="col" class="${index > 0 ? 'number' : ''}">${title}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}
