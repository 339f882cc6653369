import {
  type FactorizationRecord,
  median,
  type PackedAlgorithm,
  packedAlgorithm,
  packedLevelWork,
  quantile,
} from '@alphatensor-edge/shared';
import type { MeasurementRow, ProblemSpec } from '../fleet/measurement.js';
import { fitTimeModel, predictSeconds, timedRows } from '../tune/time-model.js';
import type { Sourced } from './sourced.js';

/** Shows how well the model of the time predicted algorithms before they were measured, for one number format and number of threads. */
export interface TimeFit {
  readonly deviceId: string;
  readonly dtype: ProblemSpec['dtype'];
  readonly threads: number;
  /** Times over the baseline's, in the order of measuring. Each prediction uses only what was measured before. */
  readonly points: readonly {
    readonly label: string;
    readonly problem: ProblemSpec;
    readonly predicted: number;
    readonly measured: number;
  }[];
  /** Median and 90 % quantile of the relative error |predicted / measured - 1|. */
  readonly medianError: number;
  readonly error90: number;
}

/** Fewest predictions that say anything. */
const LEAST_POINTS = 4;

/**
 * Replays the measurements of tuning runs. Before an algorithm's first measurement for a problem, the model is fitted to the earlier ones
 * of all problems, own <1,1,1> among them, and asked for a prediction.
 */
export function timeFits(jobs: readonly Sourced[], algorithms: ReadonlyMap<string, FactorizationRecord>): TimeFit[] {
  const kinds = new Map<string, MeasurementRow[]>();
  const inOrder = [...jobs].sort((a, b) => (a.row.createdAt < b.row.createdAt ? -1 : 1));
  for (const { row } of inOrder) {
    const { deviceId, backend, variant, problem } = row;
    const key = JSON.stringify([deviceId, backend, variant, problem.dtype, problem.threads]);
    kinds.set(key, [...(kinds.get(key) ?? []), row]);
  }
  const works = new Map<string, PackedAlgorithm>();
  const workOf = (hash: string): PackedAlgorithm | undefined => {
    const record = algorithms.get(hash);
    const work = works.get(hash) ?? (record && packedLevelWork(record.factorization));
    if (work !== undefined) works.set(hash, work);
    return work;
  };
  return [...kinds.values()].flatMap((rows) => replay(rows, workOf) ?? []);
}

function replay(
  rows: readonly MeasurementRow[],
  workOf: (hash: string) => PackedAlgorithm | undefined,
): TimeFit | undefined {
  const algorithmOf = ({ algorithm: { levels } }: MeasurementRow): PackedAlgorithm | undefined => {
    const works = levels.flatMap((hash) => workOf(hash) ?? []);
    return levels.length > 0 && works.length === levels.length ? packedAlgorithm(works) : undefined;
  };
  const known = rows.filter((row) => row.outcome.measurement?.speedup && algorithmOf(row) !== undefined);
  const seen = new Set<string>();
  const points = known.flatMap((row, index) => {
    const key = JSON.stringify([row.algorithm.levels, row.problem]);
    // Own <1,1,1> is timed first, whatever is predicted.
    if (seen.has(key) || row.algorithm.rank === 1) return [];
    seen.add(key);
    // The row itself tells how fast the baseline is by then, as the first one of its problem.
    const until = timedRows(known.slice(0, index + 1), algorithmOf);
    const timed = until[until.length - 1];
    const earlier = until.slice(0, -1);
    if (earlier.length === 0) return [];
    const predicted = predictSeconds(fitTimeModel(earlier, row.problem), timed.algorithm, row.problem);
    const { label, problem, seconds, baselineSeconds } = timed;
    return [{ label, problem, predicted: predicted / baselineSeconds, measured: seconds / baselineSeconds }];
  });
  if (points.length < LEAST_POINTS) return undefined;
  const errors = points.map(({ predicted, measured }) => Math.abs(predicted / measured - 1));
  const { deviceId, problem } = rows[0];
  return {
    ...{ deviceId, dtype: problem.dtype, threads: problem.threads, points },
    ...{ medianError: median(errors), error90: quantile(errors, 0.9) },
  };
}
