import { changesSentence, changesTable, trendsSentence, trendsTable } from '../change-words.js';
import type { Changes } from '../changes.js';
import { type Markup, markup } from '../markup.js';
import type { Report } from '../model.js';
import type { PlainTable } from '../plain-table.js';
import type { Trend } from '../trends.js';
import { scrollingTable } from './parts.js';

/** Shows what differs from a reference. */
export function changesSection(report: Report, changes: Changes): Markup {
  return markup`<p>${changesSentence(changes)}</p>${plainTable(changesTable(report, changes))}`;
}

/** Shows how the newest jobs compare with those before them. */
export function trendsSection(report: Report, trends: readonly Trend[]): Markup {
  return markup`<p>${trendsSentence(trends)}</p>${plainTable(trendsTable(report, trends))}`;
}

/** Makes the HTML of a table in words; null if it has no rows. */
export function plainTable({ caption, columns, rows }: PlainTable): Markup | null {
  if (rows.length === 0) return null;
  const side = columns.map(({ isNumber }) => (isNumber ? 'number' : ''));
  const head = markup`${columns.map(({ title }, index) => markup`<th scope="col" class="${side[index]}">${title}</th>`)}`;
  const body = rows.map(
    ([first, ...rest]) =>
      markup`<tr><th scope="row">${first}</th>${rest.map((text, index) => markup`<td class="${side[index + 1]}">${text}</td>`)}</tr>`,
  );
  return scrollingTable(caption, markup`${caption}`, head, body);
}
