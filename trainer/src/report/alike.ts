import { isMeasured, type ReportRow } from './row.js';

/** Most found rows of a kind that stand in the table itself. */
const SHOWN = 3;

/** Holds the rows of a table: those that it shows, and those that are folded because enough like them are shown. */
export interface FoldedRows {
  readonly shown: readonly ReportRow[];
  readonly folded: readonly ReportRow[];
}

/**
 * Folds found algorithms of the same size, rank and program beyond the fastest few: a search finds many equivalent ones. What failed
 * and what was not measured stays, and so does the choice.
 * @param rows of one device and problem, fastest first
 * @param choice the job of the row that is recommended
 */
export function foldAlike(rows: readonly ReportRow[], choice: string | undefined): FoldedRows {
  const counts = new Map<string, number>();
  const isShown = (row: ReportRow): boolean => {
    const { algorithm, backend, variant } = row;
    if (algorithm.role !== 'found' || !isMeasured(row)) return true;
    const key = JSON.stringify([algorithm.size, algorithm.rank, algorithm.arithmetic, backend, variant]);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count <= SHOWN || row.jobId === choice;
  };
  const shown = rows.filter(isShown);
  return { shown, folded: rows.filter((row) => !shown.includes(row)) };
}
