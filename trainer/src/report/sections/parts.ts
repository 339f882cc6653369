import { type Markup, markup } from '../markup.js';
import type { DeviceSummary, Group, Report } from '../model.js';
import { isRecommended, markOf } from '../pick.js';
import { isMeasured } from '../row.js';
import { marker, ring } from '../svg/elements.js';
import type { Facts } from '../words.js';

/** Puts a drawing under its caption. */
export function panel(caption: string, detail: string, drawing: Markup): Markup {
  return markup`<figure><figcaption>${caption}<span>${detail}</span></figcaption>${drawing}</figure>`;
}

export function panels(all: readonly Markup[]): Markup {
  return markup`<div class="panels">${all}</div>`;
}

export function hint(sentence: string): Markup {
  return markup`<p class="hint">${sentence}</p>`;
}

/** Tells people on a narrow screen where the rest is. */
export function scrollHint(): Markup {
  return markup`<p class="hint narrow">What is wider than the screen scrolls sideways.</p>`;
}

/** The marks of the plots. */
const ROLES = [
  ['found', 'found by the search'],
  ['reference', 'known reference'],
  ['imported', 'read from a file'],
] as const;

/** Lists the marks of the plots that the measured rows have. */
export function marksOf(groups: readonly Group[]): (readonly [role: string, words: string])[] {
  const rows = groups.flatMap(({ rows: all }) => all.filter(isMeasured));
  const marks = new Set<string>(rows.map(markOf));
  return [
    ...ROLES.filter(([role]) => marks.has(role)),
    ...(groups.some((group) => group.rows.some((row) => isRecommended(row, group)))
      ? [['recommended', 'recommended'] as const]
      : []),
  ];
}

/** Lists pairs of name and value. */
export function facts(list: Facts): Markup {
  return markup`<dl class="facts">${list.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

/** Shows the first drawings, and folds the rest. */
export function foldedPanels(all: readonly Markup[], shown = 6): Markup {
  if (all.length <= shown) return panels(all);
  return markup`${panels(all.slice(0, shown))}<details class="more"><summary>${all.length - shown} more</summary>${panels(all.slice(shown))}</details>`;
}

/** Makes the sentence of a section that has nothing to show. */
export function nothing(sentence: string): Markup {
  return markup`<p>${sentence}</p>`;
}

/** Explains the marks. */
export function legend(entries: readonly (readonly [role: string, words: string])[]): Markup {
  const items = entries.map(
    ([role, words]) =>
      markup`<li><svg viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">${role === 'recommended' ? ring(7, 7, 6) : marker(7, 7, role)}</svg>${words}</li>`,
  );
  return markup`<ul class="legend">${items}</ul>`;
}

/** Puts a table in a box that scrolls sideways if the table is too wide. */
export function scrollingTable(name: string, caption: Markup, head: Markup, body: readonly Markup[]): Markup {
  return markup`<div class="scroll" role="region" tabindex="0" aria-label="${name}"><table>
<caption>${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>${body}</tbody></table></div>`;
}

export function groupsOf(report: Report, device: DeviceSummary): Group[] {
  return report.groups.filter(({ deviceId }) => deviceId === device.id);
}
