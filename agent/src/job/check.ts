import type { Outcome } from '@alphatensor-edge/proto';
import { checkResults, type Right } from '../measure/correctness.js';
import { wrongResult } from './ends.js';
import type { Loaded } from './load.js';
import { exactRangeOf, ROLES, SIDE } from './sides.js';

/** Holds a job whose programs compute the right product. */
export interface Checked extends Loaded {
  readonly verdict: Right;
  /** Largest entries of the exact check; 0 if there was none. */
  readonly exactRange: number;
}

/** Checks the products of a job's programs and of the baseline. */
export async function checkPrograms(loaded: Loaded): Promise<Checked | Outcome> {
  const { job, programs, child, patience, facts } = loaded;
  const exactRange = exactRangeOf(programs, job.problem);
  const sides = ROLES.filter((role) => programs[role] !== undefined).map((role) => SIDE[role]);
  const verdict = await checkResults(child, sides, exactRange, job.protocol, patience);
  return verdict.ok ? { ...loaded, verdict, exactRange } : wrongResult(facts, verdict);
}
