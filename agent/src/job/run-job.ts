import type { Outcome } from '@alphatensor-edge/proto';
import { orDiskFull } from '../process/disk-space.js';
import { judgeAccuracy } from './accuracy.js';
import { buildPrograms } from './build.js';
import { checkPrograms } from './check.js';
import { failure, isOutcome, noFacts } from './failure.js';
import type { Job, JobHooks } from './job.js';
import { loadPrograms } from './load.js';
import { outcomeOf } from './outcome.js';
import { choosePrograms } from './program.js';
import { timePrograms } from './time.js';
import { tunePlan } from './tune.js';

const STAGES = {
  choosePrograms,
  tunePlan,
  buildPrograms,
  loadPrograms,
  checkPrograms,
  timePrograms,
  judgeAccuracy,
  outcomeOf,
};

/**
 * Names the stages of a job. Each takes what the one before it gave, and gives the next value or, in its place, the
 * job's outcome.
 */
export type Stages = typeof STAGES;

/**
 * Compiles, checks and times one candidate. Whatever happens to it is the outcome. Rejects only for faults of ours or
 * of the device.
 * @param others stages that a test replaces
 */
export async function runJob(job: Job, hooks: JobHooks, others: Partial<Stages> = {}): Promise<Outcome> {
  const {
    choosePrograms,
    tunePlan,
    buildPrograms,
    loadPrograms,
    checkPrograms,
    timePrograms,
    judgeAccuracy,
    outcomeOf,
  } = {
    ...STAGES,
    ...others,
  };
  try {
    const programmed = await choosePrograms(job, hooks);
    if (isOutcome(programmed)) return programmed;
    const tuned = await tunePlan(programmed, hooks);
    const built = await buildPrograms(tuned, hooks);
    if (isOutcome(built)) return built;
    return await loadPrograms(built, hooks, async (loaded, control) => {
      const checked = await checkPrograms(loaded);
      if (isOutcome(checked)) return checked;
      return outcomeOf(await judgeAccuracy(await timePrograms(checked, hooks), hooks), control);
    });
  } catch (error) {
    if (hooks.signal.aborted) return failure(noFacts(job), 'OUTCOME_KIND_CANCELLED', 'The job was cancelled.');
    throw orDiskFull(error);
  }
}
