import { blasName } from '@alphatensor-edge/proto';
import type { DispatchEntry, DispatchProblem, DispatchResult, DispatchWinner } from '@alphatensor-edge/shared';
import { type MeasurementRow, problemWords } from '../fleet/measurement.js';

/** Names the folder beside a table that holds its factorizations. */
export const ALGORITHMS_FOLDER = 'algorithms';

/**
 * Chooses what to use for a problem. Of the candidates whose interval lies above 1 it takes the one with the highest lower end,
 * since noise moves that end least. If there is none, it takes the baseline.
 * @param rows of the last rung; undefined: the problem was not measured to the end
 */
export function dispatchEntry(problem: DispatchProblem, rows: readonly MeasurementRow[] | undefined): DispatchEntry {
  const finalists = (rows ?? [])
    .flatMap((row) => {
      const result = resultOf(row);
      return result === undefined ? [] : [{ row, result }];
    })
    .sort((a, b) => b.result.speedup.estimate - a.result.speedup.estimate);
  const results = finalists.map(({ result }) => result);
  const settled = (winner: DispatchWinner | null, reason: string): DispatchEntry => {
    return { problem, winner, reason, finalists: results };
  };
  if (rows === undefined) return settled(null, 'It was not measured to the end, so the baseline stays.');
  if (finalists.length === 0) return settled(null, 'No candidate could be measured, so the baseline stays.');
  const faster = finalists
    .filter(({ result }) => result.speedup.low > 1)
    .sort((a, b) => b.result.speedup.low - a.result.speedup.low)[0];
  if (faster === undefined) {
    return settled(null, 'No candidate’s interval lies above 1, so the baseline stays.');
  }
  const { row, result } = faster;
  const { environment } = row.outcome;
  // A library falls back to a BLAS, and nothing was compared with one here.
  if (!environment?.blas?.thirdParty) {
    return settled(null, 'The device has no BLAS to compare with, so none is replaced.');
  }
  const winner: DispatchWinner = {
    ...result,
    levels: row.algorithm.levels.map(algorithmFile),
    rank: row.algorithm.rank,
    against: blasName(environment.blas),
    vectorIsa: environment.vectorIsa,
    plan: planOf(row),
  };
  const caution =
    result.notClaimedBecause === '' ? '' : ` The agent does not call it faster: ${result.notClaimedBecause}.`;
  return settled(
    winner,
    `The lower end of its interval, ${result.speedup.low.toFixed(3)}, is the highest above 1.${caution}`,
  );
}

/** Writes the path of an algorithm's file from its content hash: `algorithms/3f9a12….json`. */
export function algorithmFile(hash: string): string {
  return `${ALGORITHMS_FOLDER}/${hash.slice(0, 16)}.json`;
}

function resultOf({ algorithm, outcome: { measurement } }: MeasurementRow): DispatchResult | undefined {
  if (!measurement?.speedup) return undefined;
  const { estimate, low, high } = measurement.speedup;
  return {
    label: algorithm.label,
    speedup: { estimate, low, high },
    fasterThanBaseline: measurement.fasterThanBaseline,
    // Missing in older stores.
    notClaimedBecause: measurement.notClaimedBecause ?? '',
    flags: measurement.flags,
  };
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

/** Writes a table for people, with one line for each problem. */
export function dispatchLines(entries: readonly DispatchEntry[]): string[] {
  return entries.map(({ problem, winner, reason }) => {
    const what =
      winner === null
        ? 'the baseline'
        : `${winner.label}, ${winner.speedup.estimate.toFixed(3)}x [${winner.speedup.low.toFixed(3)}, ${winner.speedup.high.toFixed(3)}] of ${winner.against}`;
    const flags = winner === null || winner.flags.length === 0 ? '' : ` [${winner.flags.join('; ')}]`;
    return `${problemWords(problem)}: ${what}. ${reason}${flags}`;
  });
}
