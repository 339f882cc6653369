import type { FactorizationRecord } from '@alphatensor-edge/shared';
import { stageWords } from '../fleet/agent-client.js';
import type { AgentPool } from '../fleet/agent-pool.js';
import { type Candidate, candidate, references } from '../fleet/algorithms.js';
import { type CampaignOptions, measureCandidate } from '../fleet/campaign.js';
import type { ProblemSpec } from '../fleet/measurement.js';

/** Sets what is measured and how. */
interface MeasureBestOptions {
  readonly pool: AgentPool;
  readonly problems: readonly ProblemSpec[];
  /** How to measure; its signal ends the measurements. */
  readonly campaign: CampaignOptions;
  /** Called when `done` of `total` measurements are made. */
  readonly onProgress?: ((done: number, total: number, what: string) => void) | undefined;
}

/** Limits the rank of an algorithm composed with itself. If it is higher, only one recursion level is measured. */
const MAX_COMPOSED_RANK = 400;

/** Measures the fastest algorithms of a run and the references for its report. Returns the number of measurements without an outcome. */
export async function measureBest(
  fastest: readonly FactorizationRecord[],
  { pool, problems, campaign, onProgress }: MeasureBestOptions,
): Promise<number> {
  const best = fastest.flatMap((record): Candidate[] => {
    const depths = record.factorization.rank ** 2 <= MAX_COMPOSED_RANK ? [1, 2] : [1];
    return depths.map((depth) => candidate(record, 'found', { depth }));
  });
  // The baseline is timed together with each of them, and against itself once a session, so it needs no job of its own.
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
      onProgress: (_, progress) => onProgress?.(index, tasks.length, `${what}, ${stageWords(progress)}`),
      // The reward's measurements were short and were made while the search kept this machine busy.
      fresh: true,
    });
    missing += pool.devices.length - rows.length;
  }
  onProgress?.(tasks.length, tasks.length, 'done');
  return missing;
}
