import type { Group } from './group.js';
import { isBaseline, isMeasured, type MeasuredRow, type ReportRow } from './row.js';

/** Most found rows in a plot, beside the references. The tables show all. */
const FOUND_SHOWN = 4;

/** Tells whether a row is what the report recommends for its device and problem. */
export function isRecommended(row: ReportRow, { answer: { choice } }: Group): boolean {
  // The baseline's row can be of the same job.
  return choice?.verdict === 'faster' && choice.jobId === row.jobId && !isBaseline(row);
}

/** Picks the rows that a plot shows: all references, what is recommended, and the few fastest others, fastest first. */
export function plottedRows(group: Group): MeasuredRow[] {
  const measured = group.rows.filter(isMeasured);
  const others = measured.filter((row) => row.algorithm.role !== 'reference').slice(0, FOUND_SHOWN);
  return measured.filter(
    (row) => row.algorithm.role === 'reference' || others.includes(row) || isRecommended(row, group),
  );
}

/** Counts the measured rows that `plottedRows` leaves out. */
export function omittedRows(group: Group): number {
  return group.rows.filter(isMeasured).length - plottedRows(group).length;
}

/** Tells the role that sets the colour and shape of a row's marks. */
export function markOf(row: MeasuredRow): 'baseline' | 'reference' | 'found' | 'imported' {
  return isBaseline(row) ? 'baseline' : row.algorithm.role;
}

/** Writes the algorithm's label, with backend and variant if the group has more than one of them. */
export function rowLabel(row: MeasuredRow, group: Group): string {
  const programs = new Set(
    group.rows.filter((other) => other.figures).map((other) => `${other.backend} ${other.variant}`),
  );
  return programs.size > 1 && !isBaseline(row)
    ? `${row.algorithm.label} · ${row.backend} ${row.variant}`
    : row.algorithm.label;
}
