import { type Markup, markup } from '../markup.js';
import type { Report } from '../model.js';

/** Lists what the reader must know of the runs: what is missing, cut off or unreadable. Null if nothing is. */
export function notesSection(report: Report): Markup | null {
  const all = report.runs.flatMap((run) => run.notes.map((note) => `${run.name}: ${note}`));
  return all.length === 0 ? null : markup`<ul class="notes">${all.map((note) => markup`<li>${note}</li>`)}</ul>`;
}
