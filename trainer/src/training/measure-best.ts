import type { FactorizationRecord } from '@alphatensor-edge/shared';
import type { AgentPool } from '../fleet/agent-pool.js';
import { type Candidate, candidate, references } from '../fleet/algorithms.js';
import { type CampaignOptions, measureCandidate } from '../fleet/campaign.js';
import type { ProblemSpec } from '../fleet/measurement.js';

export interface MeasureBestOptions {
  readonly pool: AgentPool;
  readonly problems: readonly ProblemSpec[];
  /** Its signal ends the measurements. */
  readonly campaign: CampaignOptions;
  /** `done` of `total` measurements are made. */
  readonly onProgress?: ((done: number, total: number, what: string) => void) | undefined;
}

/** Composed ranks above this are not measured twice over. */
const MAX_COMPOSED_RANK = 400;

/** Measures the fastest algorithms of a run and the references for its report; returns how many tasks came to no outcome. */
export async function measureBest(
  fastest: readonly FactorizationRecord[],
  { pool, problems, campaign, onProgress }: MeasureBestOptions,
): Promise<number> {
  const best = fastest.flatMap((record): Candidate[] => {
    const depths = record.factorization.rank ** 2 <= MAX_COMPOSED_RANK ? [1, 2] : [1];
    return depths.map((depth) => candidate(record, 'found', { depth }));
  });
  // The baseline is timed beside each of them, and against itself once a session: it needs no job of its own.
  const timed = [...references().filter(({ levels }) => levels.length > 0), ...best];
  const tasks = problems.flatMap((problem) => timed.map((measured) => ({ problem, measured })));
  if (tasks.length === 0) return 0;
  let missing = 0;
  for (const [index, { problem, measured }] of tasks.entries()) {
    if (campaign.signal?.aborted) return missing + tasks.length - index;
    const what = `${measured.algorithm.label} at ${problem.m}x${problem.k}x${problem.n}`;
    onProgress?.(index, tasks.length, what);
    const rows = await measureCandidate(pool, measured, problem, {
      ...campaign,
      onProgress: (_, { stage }) => onProgress?.(index, tasks.length, `${what}, ${stage}`),
      // The reward's measurements were short, and made while the search kept this machine busy.
      fresh: true,
    });
    missing += pool.devices.length - rows.length;
  }
  onProgress?.(tasks.length, tasks.length, 'done');
  return missing;
}
