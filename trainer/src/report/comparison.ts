import { references } from '../fleet/algorithms.js';
import type { ProblemSpec } from '../fleet/measurement.js';
import type { Group } from './group.js';
import { isBaseline, isMeasured, isSteady, type ReportAlgorithm, type ReportRow } from './row.js';

/** A device and the way it measures: one column of the comparison. */
export interface Setting {
  readonly deviceId: string;
  readonly backend: string;
  readonly variant: string;
  readonly dtype: ProblemSpec['dtype'];
  readonly threads: number;
}

export interface ComparisonRow {
  readonly algorithm: ReportAlgorithm;
  /** Columns (by index) whose search found it and found nothing faster; empty for a reference. */
  readonly tunedFor: readonly number[];
  /** One a column; null: no run measured it there. */
  readonly cells: readonly (ReportRow | null)[];
}

/**
 * One shape of problem on several devices: each device's own best algorithm measured on all of them, as in Figure 5 of Fawzi
 * et al., Nature 610 (2022), with the references below.
 */
export interface Comparison {
  readonly shape: Pick<ProblemSpec, 'm' | 'k' | 'n'>;
  readonly columns: readonly Setting[];
  readonly rows: readonly ComparisonRow[];
}

/** A cell that could be measured. */
export interface MissingCell {
  readonly algorithm: ReportAlgorithm;
  readonly setting: Setting;
  readonly problem: ProblemSpec;
}

/** The shapes that more than one setting was measured on, in the order of `groups`. */
export function comparisonsOf(groups: readonly Group[]): Comparison[] {
  const byShape = new Map<string, Group[]>();
  for (const group of groups) {
    const { m, k, n } = group.problem;
    byShape.set(`${m}x${k}x${n}`, [...(byShape.get(`${m}x${k}x${n}`) ?? []), group]);
  }
  return [...byShape.values()].flatMap((alike) => {
    const columns = alike.flatMap(columnsOf);
    const { m, k, n } = alike[0].problem;
    return columns.length < 2
      ? []
      : [{ shape: { m, k, n }, columns: columns.map(({ setting }) => setting), rows: rowsOf(columns) }];
  });
}

/**
 * The cells of all comparisons that no run measured, or only beside a baseline that was slower than usual. One that was tried and
 * failed is not missing.
 */
export function missingCells(comparisons: readonly Comparison[]): MissingCell[] {
  return comparisons.flatMap(({ shape, columns, rows }) =>
    rows.flatMap(({ algorithm, cells }) =>
      cells.flatMap((cell, index) => {
        const setting = columns[index];
        const problem = { ...shape, dtype: setting.dtype, threads: setting.threads };
        const isMissing = cell === null || (isMeasured(cell) && !isSteady(cell));
        return isMissing ? [{ algorithm, setting, problem }] : [];
      }),
    ),
  );
}

interface Column {
  readonly setting: Setting;
  /** Fastest first. */
  readonly rows: readonly ReportRow[];
}

/** A group's rows by backend and variant; rows that nobody measured belong to none. */
function columnsOf({ deviceId, problem: { dtype, threads }, rows }: Group): Column[] {
  const byProgram = new Map<string, Column>();
  for (const row of rows) {
    const { backend, variant } = row;
    if (isBaseline(row) || row.status === 'NOT_MEASURED') continue;
    const key = JSON.stringify([backend, variant]);
    const known = byProgram.get(key)?.rows ?? [];
    byProgram.set(key, { setting: { deviceId, backend, variant, dtype, threads }, rows: [...known, row] });
  }
  return [...byProgram.values()];
}

function rowsOf(columns: readonly Column[]): ComparisonRow[] {
  const own = columns.map(({ rows }) => rows.find((row) => row.algorithm.found && isSteady(row)));
  const algorithms = new Map<string, ReportAlgorithm>();
  const add = (algorithm: ReportAlgorithm): void => {
    const key = keyOf(algorithm);
    if (!algorithms.has(key)) algorithms.set(key, algorithm);
  };
  for (const row of own) if (row !== undefined) add(row.algorithm);
  for (const { algorithm } of references()) {
    if (algorithm.levels.length > 0) add({ ...algorithm, found: false });
  }
  for (const algorithm of measuredAcross(columns)) add(algorithm);
  return [...algorithms.values()].map((algorithm) => ({
    algorithm,
    tunedFor: own.flatMap((row, index) =>
      row !== undefined && keyOf(row.algorithm) === keyOf(algorithm) ? [index] : [],
    ),
    cells: columns.map(({ rows }) => rows.find((row) => keyOf(row.algorithm) === keyOf(algorithm)) ?? null),
  }));
}

/** Algorithms from files that more than one column measured. */
function measuredAcross(columns: readonly Column[]): ReportAlgorithm[] {
  const all = columns.flatMap(({ rows }) => rows.map(({ algorithm }) => algorithm));
  return all.filter(
    (algorithm) => algorithm.role === 'imported' && all.filter((other) => keyOf(other) === keyOf(algorithm)).length > 1,
  );
}

function keyOf({ levels, arithmetic }: ReportAlgorithm): string {
  return JSON.stringify([levels, arithmetic]);
}
