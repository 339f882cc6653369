import { DEFAULT_MAX_ERROR } from '../fleet/error-bound.js';
import type { RunData } from '../run/reader.js';
import type { ReportRow } from './row.js';

/**
 * Gives the bound on the error that the runs behind rows of one device and problem were asked for: the strictest of them, or the usual
 * one where none says. Null: any error.
 */
export function askedBound(
  rows: readonly Pick<ReportRow, 'runs'>[],
  runs: readonly Pick<RunData, 'name' | 'config'>[],
): number | null {
  const names = new Set(rows.flatMap((row) => row.runs));
  const bounds = runs.flatMap(({ name, config }) => {
    const asked = names.has(name) ? (config?.tune ?? config?.finetune)?.maxError : undefined;
    return asked === undefined ? [] : [asked ?? Number.POSITIVE_INFINITY];
  });
  if (bounds.length === 0) return DEFAULT_MAX_ERROR;
  const strictest = Math.min(...bounds);
  return Number.isFinite(strictest) ? strictest : null;
}
