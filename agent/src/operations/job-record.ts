import type { Benchmark } from '../server/queue.js';

/** How one job went, as `at-agent status` tells it. */
export interface EndedJob {
  readonly jobId: string;
  /** "measured", "wrong-result" …, or "fault" for one that failed by a fault of the agent. */
  readonly outcome: string;
  readonly seconds: number;
  /** ISO 8601. */
  readonly endedAt: string;
}

/** The same benchmark, and `onEnd` hears of every job that ran. */
export function recorded(benchmark: Benchmark, onEnd: (job: EndedJob) => void): Benchmark {
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
      const outcome = await benchmark(job, hooks);
      end(outcome.kind.replace('OUTCOME_KIND_', '').replaceAll('_', '-').toLowerCase());
      return outcome;
    } catch (error) {
      end('fault');
      throw error;
    }
  };
}
