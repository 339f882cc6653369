import type { Group } from './model.js';
import { isBaseline, isMeasured, type MeasuredRow } from './row.js';

/** Rows of a search that a plot shows beside the references; the tables show all. */
const FOUND_SHOWN = 4;

/** What a plot shows of a group, fastest first: all references and the few fastest others. */
export function plottedRows(group: Group): MeasuredRow[] {
  const measured = group.rows.filter(isMeasured);
  const others = measured.filter((row) => row.algorithm.role !== 'reference').slice(0, FOUND_SHOWN);
  return measured.filter((row) => row.algorithm.role === 'reference' || others.includes(row));
}

/** How many measured rows `plottedRows` leaves to the table. */
export function omittedRows(group: Group): number {
  return group.rows.filter(isMeasured).length - plottedRows(group).length;
}

/** The role that colours and shapes a row's marks. */
export function markOf(row: MeasuredRow): 'baseline' | 'reference' | 'found' | 'imported' {
  return isBaseline(row) ? 'baseline' : row.algorithm.role;
}

/** The algorithm's label, with backend and variant where the report has more than one of them. */
export function rowLabel(row: MeasuredRow, group: Group): string {
  const programs = new Set(
    group.rows.filter((other) => other.figures).map((other) => `${other.backend} ${other.variant}`),
  );
  return programs.size > 1 && !isBaseline(row)
    ? `${row.algorithm.label} · ${row.backend} ${row.variant}`
    : row.algorithm.label;
}
