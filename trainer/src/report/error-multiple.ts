import { errorRatio } from '../fleet/error-bound.js';
import { isBaseline, isMeasured, type MeasuredRow, type ReportRow } from './row.js';

/**
 * Computes the error of a row as a multiple of the smaller one of the baseline's and own <1,1,1>'s (fleet/error-bound.ts).
 * @param rows all rows of its device and problem, one of which may be own <1,1,1>
 * @returns null if the errors are not known, and for the baseline
 */
export function errorMultiple(row: MeasuredRow, rows: readonly ReportRow[]): number | null {
  if (isBaseline(row)) return null;
  const own = rows.filter(isMeasured).find(isOwnGemm)?.figures.relativeError;
  const ratio = errorRatio(row.figures, own);
  return ratio === undefined || !Number.isFinite(ratio) ? null : ratio;
}

/** Tells whether a row is the engine itself, without an algorithm. */
function isOwnGemm({ algorithm: { rank, levels } }: MeasuredRow): boolean {
  return rank === 1 && levels.length > 0;
}
