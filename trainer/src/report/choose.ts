import { DEFAULT_MAX_ERROR, isWithin } from '../fleet/error-bound.js';
import { errorMultiple } from './error-multiple.js';
import { isBaseline, isMeasured, isSteady, type MeasuredRow, type ReportRow } from './row.js';

/** Holds the choice among the rows of one device and problem. */
export interface Chosen {
  readonly row: MeasuredRow;
  /** The rows among which it was chosen, fastest first. */
  readonly pool: readonly MeasuredRow[];
  /** The others that are equally fast as the fastest; the choice is the most accurate of them all. Empty where nothing is called faster. */
  readonly equals: readonly MeasuredRow[];
  /** Rows that are clearly faster than the choice, but exceed the bound on the error. */
  readonly overBound: readonly MeasuredRow[];
  /** Rows with a higher estimate than the choice that do not count, because the baseline beside them was slower than usual. */
  readonly unsteady: readonly MeasuredRow[];
  /** The bound: a multiple of the error of a plain product; null: any. */
  readonly maxError: number | null;
}

/** What is settled of a choice beside its rows. */
interface ChooseOptions {
  /** Largest multiple of the error of a plain product; null: any. */
  readonly maxError?: number | null | undefined;
  /** Tells whether a row is what a tuning run chose; among equals it is taken. */
  readonly prefers?: ((row: MeasuredRow) => boolean) | undefined;
}

/**
 * Chooses what to run for a problem. Everything that was measured counts, references too, but for rows with an unusually slow
 * baseline, which do not compare with the others. What the agent calls faster goes before what it does not, and what exceeds the
 * bound on the error is left out if anything is within it. The fastest estimate is the pick of several and so biased upwards;
 * hence of all whose estimate lies within the fastest one's interval, the most accurate is chosen. Where nothing is called faster,
 * nothing is recommended, and the choice is simply the best measured.
 * @param rows of one device and problem, fastest first
 */
export function chooseRow(
  rows: readonly ReportRow[],
  { maxError = DEFAULT_MAX_ERROR, prefers = () => false }: ChooseOptions = {},
): Chosen | undefined {
  const measured = rows.filter(isMeasured).filter((row) => !isBaseline(row));
  const steady = measured.filter(isSteady);
  const pool = steady.length > 0 ? steady : measured;
  const within = pool.filter((row) => isWithin(maxError, errorMultiple(row, rows) ?? undefined));
  const allowed = within.length > 0 ? within : pool;
  const faster = allowed.filter(({ figures }) => figures.verdict === 'faster');
  const fastest = faster[0] ?? allowed[0];
  if (fastest === undefined) return undefined;
  const alike =
    faster.length === 0
      ? [fastest]
      : faster.filter(({ figures }) => figures.speedup.estimate >= fastest.figures.speedup.low);
  const error = (row: MeasuredRow): number => errorMultiple(row, rows) ?? Number.POSITIVE_INFINITY;
  const row = alike.find(prefers) ?? alike.reduce((least, other) => (error(other) < error(least) ? other : least));
  return {
    row,
    pool,
    maxError,
    equals: alike.filter((other) => other !== row),
    overBound:
      allowed === pool
        ? []
        : pool.filter((other) => !within.includes(other) && other.figures.speedup.low > row.figures.speedup.high),
    unsteady: measured.filter(
      (other) => !pool.includes(other) && other.figures.speedup.estimate > row.figures.speedup.estimate,
    ),
  };
}
