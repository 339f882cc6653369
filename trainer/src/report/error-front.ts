import type { RatioEstimate } from '@alphatensor-edge/shared';
import type { ProblemSpec } from '../fleet/measurement.js';
import { errorMultiple } from './error-multiple.js';
import type { Group } from './group.js';
import { isRecommended, markOf } from './pick.js';
import { isBaseline, isMeasured } from './row.js';

/** Holds a measured algorithm with its speed-up and its error. */
interface FrontPoint {
  readonly label: string;
  readonly role: ReturnType<typeof markOf>;
  readonly speedup: RatioEstimate;
  /** Multiple of the smaller error of the baseline and of own <1,1,1> (fleet/error-bound.ts). */
  readonly error: number;
  /** Whether no other algorithm is both faster and more accurate. */
  readonly isOnFront: boolean;
  readonly isRecommended: boolean;
}

/** Shows what speed costs in accuracy on one device and problem. */
export interface ErrorFront {
  readonly deviceId: string;
  readonly problem: ProblemSpec;
  /** Most accurate first. */
  readonly points: readonly FrontPoint[];
}

/** Compares speed-up with error in each group that has at least two algorithms. */
export function errorFronts(groups: readonly Group[]): ErrorFront[] {
  return groups.flatMap((group) => {
    const { deviceId, problem, rows } = group;
    const measured = rows.filter(isMeasured).filter((row) => !isBaseline(row));
    const points = measured
      .flatMap((row) => {
        const error = errorMultiple(row, rows);
        return error === null ? [] : [{ row, error }];
      })
      .sort((a, b) => a.error - b.error || b.row.figures.speedup.estimate - a.row.figures.speedup.estimate);
    if (points.length < 2) return [];
    let fastest = 0;
    const marked = points.map(({ row, error }): FrontPoint => {
      const { speedup } = row.figures;
      const isOnFront = speedup.estimate > fastest;
      fastest = Math.max(fastest, speedup.estimate);
      return {
        label: row.algorithm.label,
        role: markOf(row),
        speedup,
        error,
        isOnFront,
        isRecommended: isRecommended(row, group),
      };
    });
    return [{ deviceId, problem, points: marked }];
  });
}
