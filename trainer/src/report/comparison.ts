import { type LaidOut, laidOut } from '@alphatensor-edge/shared';
import { references } from '../fleet/algorithms.js';
import type { ProblemSpec } from '../fleet/measurement.js';
import type { Group } from './group.js';
import { isBaseline, isMeasured, isSteady, type ReportAlgorithm, type ReportRow } from './row.js';

/** Describes one column of the comparison: a device and its way of measuring. */
export interface Setting extends LaidOut {
  readonly deviceId: string;
  readonly backend: string;
  readonly variant: string;
  readonly dtype: ProblemSpec['dtype'];
  readonly threads: number;
}

export interface ComparisonRow {
  readonly algorithm: ReportAlgorithm;
  /** Indices of the columns whose search found this algorithm, and that recommend it, or else have it as their fastest found one. */
  readonly tunedFor: readonly number[];
  /** One for each column; null: no run measured it there. */
  readonly cells: readonly (ReportRow | null)[];
}

/**
 * Compares several devices on problems of one shape. Each device's own best algorithm can be measured on all of them, as in
 * Figure 5 of Fawzi et al., Nature 610 (2022). The references follow below.
 */
export interface Comparison {
  readonly shape: Pick<ProblemSpec, 'm' | 'k' | 'n'>;
  readonly columns: readonly Setting[];
  readonly rows: readonly ComparisonRow[];
}

/** Describes a cell that has no measurement and could get one. */
export interface MissingCell {
  readonly algorithm: ReportAlgorithm;
  readonly setting: Setting;
  readonly problem: ProblemSpec;
}

/** Makes a comparison for each shape that was measured with more than one setting, in the order of `groups`. */
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

/** Leaves out the algorithms that no device measured. */
export function withoutEmptyRows(comparison: Comparison): Comparison {
  return { ...comparison, rows: comparison.rows.filter(({ cells }) => cells.some((cell) => cell !== null)) };
}

/**
 * Lists the cells of all comparisons that no run measured, or only with an unusually slow baseline. A cell that was tried and
 * failed is not missing.
 */
export function missingCells(comparisons: readonly Comparison[]): MissingCell[] {
  return comparisons.flatMap(({ shape, columns, rows }) =>
    rows.flatMap(({ algorithm, cells }) =>
      cells.flatMap((cell, index) => {
        const setting = columns[index];
        const problem = { ...shape, dtype: setting.dtype, threads: setting.threads, ...laidOut(setting) };
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
  /** The job of what is recommended for the device and problem, if anything is. */
  readonly choice: string | undefined;
}

/** Splits a group's rows by backend and variant. Rows without a measurement are left out. */
function columnsOf({ deviceId, problem, rows, answer }: Group): Column[] {
  const { dtype, threads } = problem;
  const choice = answer.choice?.verdict === 'faster' ? answer.choice.jobId : undefined;
  const byProgram = new Map<string, Column>();
  for (const row of rows) {
    const { backend, variant } = row;
    if (isBaseline(row) || row.status === 'NOT_MEASURED') continue;
    const key = JSON.stringify([backend, variant]);
    const known = byProgram.get(key)?.rows ?? [];
    const setting = { deviceId, backend, variant, dtype, threads, ...laidOut(problem) };
    byProgram.set(key, { setting, rows: [...known, row], choice });
  }
  return [...byProgram.values()];
}

function rowsOf(columns: readonly Column[]): ComparisonRow[] {
  const own = columns.map(({ rows, choice }) => {
    const found = rows.filter((row) => row.algorithm.found && isSteady(row));
    return found.find(({ jobId }) => jobId === choice) ?? found[0];
  });
  const algorithms = new Map<string, ReportAlgorithm>();
  const add = (algorithm: ReportAlgorithm): void => {
    const key = keyOf(algorithm);
    if (!algorithms.has(key)) algorithms.set(key, algorithm);
  };
  for (const row of own) if (row !== undefined) add(row.algorithm);
  for (const { algorithm } of references()) {
    if (algorithm.levels.length > 0) add({ ...algorithm, found: false, denominator: null });
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

/** Lists the algorithms from files that more than one column measured. */
function measuredAcross(columns: readonly Column[]): ReportAlgorithm[] {
  const all = columns.flatMap(({ rows }) => rows.map(({ algorithm }) => algorithm));
  return all.filter(
    (algorithm) => algorithm.role === 'imported' && all.filter((other) => keyOf(other) === keyOf(algorithm)).length > 1,
  );
}

function keyOf({ levels, arithmetic }: ReportAlgorithm): string {
  return JSON.stringify([levels, arithmetic]);
}
