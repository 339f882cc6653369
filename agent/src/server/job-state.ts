import type { JobStage, JobState } from '@alphatensor-edge/proto';
import { transposeFlags } from '@alphatensor-edge/shared';
import { DATA_TYPES } from '../backends/backends.js';
import type { JobEvent, QueuedJob } from './queue.js';

/** Bounds how many jobs a description tells of. */
const MAX_TOLD = 8;

const STAGES: Readonly<Record<JobEvent['kind'], JobStage>> = {
  queued: 'JOB_STAGE_QUEUED',
  waiting: 'JOB_STAGE_WAITING',
  compiling: 'JOB_STAGE_COMPILING',
  tuning: 'JOB_STAGE_TUNING',
  measuring: 'JOB_STAGE_MEASURING',
};

/** Tells what the first jobs of a queue are about and how far they are, without their coefficients. */
export function jobStates(jobs: readonly QueuedJob[]): JobState[] {
  return jobs.slice(0, MAX_TOLD).map(({ job, isRunning, lastEvent, seconds }) => ({
    jobId: job.jobId,
    // One that was let go from the queue has not said more yet.
    stage: isRunning && lastEvent.kind === 'queued' ? 'JOB_STAGE_UNSPECIFIED' : STAGES[lastEvent.kind],
    levels: job.levels.map(({ size: { n, m, p }, rank }) => ({ n, m, p, rank })),
    problem: {
      m: job.problem.m,
      k: job.problem.k,
      n: job.problem.n,
      dataType: DATA_TYPES[job.problem.dtype],
      threads: job.problem.threads,
      ...transposeFlags(job.problem),
    },
    backend: job.backend,
    seconds,
  }));
}
