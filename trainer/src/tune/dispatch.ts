import { blasName, furtherInputs, type Measurement, timesText } from '@alphatensor-edge/proto';
import {
  type DispatchEntry,
  type DispatchObjective,
  type DispatchProblem,
  type DispatchResult,
  type DispatchWinner,
  median,
} from '@alphatensor-edge/shared';
import { errorRatio, isWithin, maxErrorText } from '../fleet/error-bound.js';
import { type MeasurementRow, problemWords } from '../fleet/measurement.js';

/** Names the folder beside a table that holds its factorizations. */
export const ALGORITHMS_FOLDER = 'algorithms';

/** How much slower than the fastest the accurate choice may be. */
const ACCURATE_WITHIN = 0.01;

/** Holds what was measured of a problem. */
export interface MeasuredProblem {
  readonly problem: DispatchProblem;
  /** What the choice is made among: rows of the last rung, or, if it was not reached, of the rungs before it. */
  readonly rows: readonly MeasurementRow[];
  /** Whether the search came to its end. */
  readonly isComplete: boolean;
}

interface Finalist {
  readonly row: MeasurementRow;
  readonly result: DispatchResult;
}

/**
 * Chooses what to use for a problem. Of the candidates within the bound on the error whose interval lies above 1, the fast choice has
 * the highest lower end, since noise moves that end least; the accurate choice has the smallest error among those at most 1 % slower.
 * If there is none, it is the baseline.
 */
export function dispatchEntry(
  { problem, rows, isComplete }: MeasuredProblem,
  { maxError, prefer }: DispatchObjective,
): DispatchEntry {
  const known = { ownError: ownErrorOf(rows), baselineSeconds: baselineSecondsOf(rows) };
  const finalists = rows
    .flatMap((row): Finalist[] => {
      const result = resultOf(row, known);
      return result === undefined ? [] : [{ row, result }];
    })
    .sort((a, b) => b.result.speedup.estimate - a.result.speedup.estimate);
  const results = finalists.map(({ result }) => result);
  const early =
    isComplete || rows.length === 0
      ? ''
      : 'The search ended before its last round, so this is the best of what was measured. ';
  const settled = (fast: Finalist | undefined, accurate: Finalist | undefined, reason: string): DispatchEntry => {
    const choices = { fast: fast ? winnerOf(fast) : null, accurate: accurate ? winnerOf(accurate) : null };
    return { problem, winner: choices[prefer], ...choices, isComplete, reason: early + reason, finalists: results };
  };
  const baseline = (reason: string): DispatchEntry => settled(undefined, undefined, reason);
  if (rows.length === 0 && !isComplete) return baseline('Nothing was measured, so the baseline stays.');
  if (finalists.length === 0) return baseline('No candidate could be measured, so the baseline stays.');
  const faster = finalists.filter(({ result }) => result.speedup.low > 1);
  if (faster.length === 0) return baseline('No candidate’s interval lies above 1, so the baseline stays.');
  const eligible = faster
    .filter(({ result }) => isWithin(maxError, result.errorRatio))
    .sort((a, b) => b.result.speedup.low - a.result.speedup.low);
  const [fast] = eligible;
  if (fast === undefined) {
    return baseline(
      `What is faster has more than ${maxErrorText(maxError)} the error of a plain product, so the baseline stays.`,
    );
  }
  // A library falls back to a BLAS, and nothing was compared with one here.
  if (!fast.row.outcome.environment?.blas?.thirdParty) {
    return baseline('The device has no BLAS to compare with, so none is replaced.');
  }
  const accurate = mostAccurate(fast, eligible);
  const chosen = prefer === 'fast' ? fast : accurate;
  const caution =
    chosen.result.notClaimedBecause === ''
      ? ''
      : ` The agent does not call it faster: ${chosen.result.notClaimedBecause}.`;
  const among = faster.length > eligible.length ? ` with at most ${maxErrorText(maxError)} the error` : '';
  const reason =
    chosen === fast
      ? `The lower end of its interval, ${chosen.result.speedup.low.toFixed(3)}, is the highest above 1${among}.`
      : `It has the smallest error of those at most 1 % slower than the fastest, ${fast.result.label}.`;
  return settled(fast, accurate, reason + caution);
}

function mostAccurate(fast: Finalist, eligible: readonly Finalist[]): Finalist {
  const least = fast.result.speedup.estimate * (1 - ACCURATE_WITHIN);
  return eligible
    .filter(({ result }) => result.speedup.estimate >= least)
    .reduce((best, other) => (errorOf(other) < errorOf(best) ? other : best), fast);
}

function errorOf({ result }: Finalist): number {
  return result.errorRatio ?? Number.POSITIVE_INFINITY;
}

/** Finds the relative error of own <1,1,1> among the rows of a problem. */
export function ownErrorOf(rows: readonly MeasurementRow[]): number | undefined {
  const own = rows.find(({ algorithm: { rank, levels } }) => rank === 1 && levels.length > 0);
  return own?.outcome.measurement?.relativeError;
}

/** Finds the typical time of the baseline for a problem. */
function baselineSecondsOf(rows: readonly MeasurementRow[]): number | undefined {
  const medians = rows.flatMap(({ outcome: { measurement } }) =>
    measurement?.baselineSeconds.length ? [median(measurement.baselineSeconds)] : [],
  );
  return medians.length === 0 ? undefined : median(medians);
}

/** Writes the path of an algorithm's file from its content hash: `algorithms/3f9a12….json`. */
export function algorithmFile(hash: string): string {
  return `${ALGORITHMS_FOLDER}/${hash.slice(0, 16)}.json`;
}

function winnerOf({ row, result }: Finalist): DispatchWinner {
  const { environment } = row.outcome;
  return {
    ...result,
    levels: row.algorithm.levels.map(algorithmFile),
    rank: row.algorithm.rank,
    against: environment?.blas ? blasName(environment.blas) : '',
    vectorIsa: environment?.vectorIsa ?? '',
    plan: planOf(row),
  };
}

function resultOf(
  { algorithm, outcome: { measurement } }: MeasurementRow,
  {
    ownError,
    baselineSeconds,
  }: { readonly ownError: number | undefined; readonly baselineSeconds: number | undefined },
): DispatchResult | undefined {
  if (!measurement?.speedup) return undefined;
  const { estimate, low, high } = measurement.speedup;
  return {
    label: algorithm.label,
    speedup: { estimate, low, high },
    fasterThanBaseline: measurement.fasterThanBaseline,
    // Missing in older stores.
    notClaimedBecause: measurement.notClaimedBecause ?? '',
    flags: measurement.flags,
    seconds: baselineSeconds === undefined ? undefined : baselineSeconds / estimate,
    relativeError: measurement.relativeError,
    errorRatio: errorRatio(measurement, ownError),
    growth: algorithm.growth,
    ...inputErrorsOf(measurement.inputErrors),
  };
}

/** The errors on further kinds of inputs; nothing where only the usual ones were measured. */
function inputErrorsOf(measured: Measurement['inputErrors'] | undefined): Pick<DispatchResult, 'inputErrors'> {
  const inputErrors = furtherInputs(measured).map(({ inputs, relativeError, baselineRelativeError }) => {
    return { inputs, relativeError, baselineRelativeError };
  });
  return inputErrors.length === 0 ? {} : { inputErrors };
}

function planOf({ outcome }: MeasurementRow): DispatchWinner['plan'] {
  const plan = outcome.environment?.kernelPlan;
  if (!plan) return null;
  const { mr, lines, kc, tileRows, tileColumns, streamAboveBytes, nearBytes } = plan;
  return {
    mr,
    lines,
    kc,
    tileRows,
    tileColumns,
    streamAboveBytes: Number(streamAboveBytes),
    // Missing in older stores.
    nearBytes: Number(nearBytes ?? 0),
  };
}

/** Writes a table for people, with one line for each problem, and another where the two choices differ. */
export function dispatchLines(entries: readonly DispatchEntry[]): string[] {
  return entries.flatMap(({ problem, winner, fast, accurate, reason }) => {
    const what = winner === null ? 'the baseline' : choiceWords(winner);
    const flags = winner === null || winner.flags.length === 0 ? '' : ` [${winner.flags.join('; ')}]`;
    const other = winner?.label === fast?.label ? accurate : fast;
    const otherName = other === accurate ? 'accurate' : 'fast';
    return [
      `${problemWords(problem)}: ${what}. ${reason}${flags}`,
      ...inputLines(winner),
      ...(other && other.label !== winner?.label
        ? [`  ${otherName}: ${choiceWords(other)}`, ...inputLines(other)]
        : []),
    ];
  });
}

/** Says how accurate a choice is on further kinds of inputs. Nothing where that was not measured. */
function inputLines(choice: DispatchWinner | null): string[] {
  const parts = (choice?.inputErrors ?? []).map(
    ({ inputs, relativeError, baselineRelativeError }) =>
      `${timesText(relativeError, baselineRelativeError)} the baseline's on ${inputs} inputs`,
  );
  return parts.length === 0 ? [] : [`  its error is ${parts.join(', ')}`];
}

function choiceWords({ label, speedup, against, errorRatio: ratio, growth }: DispatchWinner): string {
  const error = ratio === undefined ? '' : `, error ${ratio.toFixed(1)}x`;
  const from = growth === undefined ? '' : `, error growth ${growth.toFixed(2)}`;
  return `${label}, ${speedup.estimate.toFixed(3)}x [${speedup.low.toFixed(3)}, ${speedup.high.toFixed(3)}] of ${against}${error}${from}`;
}
