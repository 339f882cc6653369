import type { RunJob } from '../job/job.js';

/** Tells how one job went, as `at-agent status` shows it. */
export interface EndedJob {
  readonly jobId: string;
  /** "measured", "wrong-result" …, or "fault" for one that failed by a fault of the agent. */
  readonly outcome: string;
  readonly seconds: number;
  /** ISO 8601. */
  readonly endedAt: string;
}

/** Wraps what runs jobs, so that `onEnd` hears of every job that ran. */
export function recorded(runJob: RunJob, onEnd: (job: EndedJob) => void): RunJob {
  return async (job, hooks) => {
    const start = performance.now();
    const end = (outcome: string): void =>
      onEnd({
        jobId: job.jobId,
        outcome,
        seconds: (performance.now() - start) / 1000,
        endedAt: new Date().toISOString(),
      });
    try {
      const outcome = await runJob(job, hooks);
      end(outcome.kind.replace('OUTCOME_KIND_', '').replaceAll('_', '-').toLowerCase());
      return outcome;
    } catch (error) {
      end('fault');
      throw error;
    }
  };
}
