import { blasName } from '@alphatensor-edge/proto';
import type { DispatchEntry, DispatchProblem, DispatchResult, DispatchWinner } from '@alphatensor-edge/shared';
import { type MeasurementRow, problemWords } from '../fleet/measurement.js';

/** Where the factorizations of a table lie beside it. */
export const ALGORITHMS_FOLDER = 'algorithms';

/**
 * What to use for a problem: of those whose interval lies above 1 the one whose lower end is highest, which the luck of
 * a noisy estimate moves least; the baseline where there is none.
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
  // The fallback of a library is a BLAS, and nothing was compared with one.
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

/** `algorithms/3f9a12….json` of a content hash. */
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
    // Rows of older stores do not have it.
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
    // Rows of older stores do not have it.
    nearBytes: Number(nearBytes ?? 0),
  };
}

/** Writes what a table says, a line for each problem. */
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
