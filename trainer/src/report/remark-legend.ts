import type { Group } from './group.js';
import { isBaseline, isMeasured, type MeasuredRow } from './row.js';
import { remarks } from './words.js';

/** Holds remarks that differ in their numbers alone, under the sign by which rows refer to them. */
export interface RemarkKind {
  /** a, b, …, z, aa, … */
  readonly sign: string;
  /** The first remark of the kind. */
  readonly example: string;
  /** Number of rows that have it. */
  readonly rows: number;
}

/** Holds the remarks of a report, each kind once. */
export interface RemarkLegend {
  readonly kinds: readonly RemarkKind[];
  /** Gives the signs of a row with the full remarks. */
  of(row: MeasuredRow): readonly { readonly sign: string; readonly remark: string }[];
}

/** Collects the remarks of all rows in the order in which they first appear. */
export function remarkLegend(groups: readonly Group[]): RemarkLegend {
  const kinds = new Map<string, { sign: string; example: string; rows: number }>();
  const byRow = new Map<MeasuredRow, { sign: string; remark: string }[]>();
  for (const { rows } of groups) {
    for (const row of rows.filter(isMeasured)) {
      const own = allRemarks(row, rows.filter(isMeasured)).map((remark) => {
        const key = withoutNumbers(remark);
        const kind = kinds.get(key) ?? { sign: signOf(kinds.size), example: remark, rows: 0 };
        kinds.set(key, { ...kind, rows: kind.rows + 1 });
        return { sign: kind.sign, remark };
      });
      byRow.set(row, own);
    }
  }
  return { kinds: [...kinds.values()], of: (row) => byRow.get(row) ?? [] };
}

function allRemarks(row: MeasuredRow, rows: readonly MeasuredRow[]): string[] {
  return [...remarks(row), ...orderRemark(row, rows)];
}

/** Explains why a row with a longer time stands above one with a shorter time. */
function orderRemark(row: MeasuredRow, rows: readonly MeasuredRow[]): string[] {
  if (isBaseline(row)) return [];
  const time = row.figures.candidateMedianSeconds;
  const below = rows.slice(rows.indexOf(row) + 1).filter((other) => !isBaseline(other));
  return below.some(({ figures }) => figures.candidateMedianSeconds < time)
    ? [
        'a row below it took less time: rows are ordered by speed-up over the baseline of the same rounds, and each job’s rounds have their own',
      ]
    : [];
}

function withoutNumbers(text: string): string {
  return text.replace(/\d+([.,]\d+)*(e[+-]?\d+)?/g, '#');
}

function signOf(index: number): string {
  const letter = String.fromCharCode(97 + (index % 26));
  return index < 26 ? letter : signOf(Math.floor(index / 26) - 1) + letter;
}
