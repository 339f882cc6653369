import { growthOfLevels } from '@alphatensor-edge/shared';
import type { Accuracy } from '../measure/measurement.js';
import type { JobHooks } from './job.js';
import { ownProgram, SIDE } from './sides.js';
import { errorAtDepth } from './small-product.js';
import type { Timed } from './time.js';

/** Holds a timed job with what its errors are to be compared with. */
export interface Judged extends Timed {
  readonly accuracy: Accuracy;
}

/**
 * Finds what a job's errors are to be compared with. Own <1,1,1>'s error is measured on a small product of the same depth if
 * it is not known from a timed one and the program is packed; other programs of <1,1,1> are not the project's own kernels.
 */
export async function judgeAccuracy(timed: Timed, { signal }: JobHooks): Promise<Judged> {
  const { job, backend, programs, verdict } = timed;
  const own = programs.own ?? ownProgram(job, backend);
  const ownRelativeError =
    verdict.relativeErrors[SIDE.own] ??
    (own.kernel === undefined ? undefined : await errorAtDepth(timed, own, job.problem.k, signal));
  return { ...timed, accuracy: { growth: growthOfLevels(job.levels), ownRelativeError } };
}
