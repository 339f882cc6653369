import type { AgentPool } from '../fleet/agent-pool.js';
import { candidate } from '../fleet/algorithms.js';
import { type CampaignOptions, recallCandidate } from '../fleet/campaign.js';
import { relativeTime } from '../fleet/latency-reward.js';
import type { PoolDevice } from '../fleet/pool-device.js';
import type { WeightedProblem } from '../fleet/problem.js';
import type { FoundAlgorithms } from './found-algorithms.js';
import { weightedMean } from './latency-models.js';

/** Holds an algorithm with its measured time. */
export interface RankedAlgorithm {
  readonly hash: string;
  readonly rank: number;
  /** Geometric mean of t / t_baseline over devices and over problems, with the problems' weights. */
  readonly relativeTime: number;
}

/** Says on what the algorithms were measured, and how. */
interface RankingOptions {
  readonly pool: AgentPool;
  readonly problems: readonly WeightedProblem[];
  /** Number of recursion levels. */
  readonly depth: number;
  /** How they were measured; its store has the measurements. */
  readonly campaign: CampaignOptions;
}

/** Ranks the algorithms by their measured time on these devices, fastest first. Leaves out those not measured on every device and problem. */
export function rankFound(
  found: FoundAlgorithms,
  devices: readonly PoolDevice[],
  { pool, problems, depth, campaign }: RankingOptions,
): RankedAlgorithm[] {
  const ranked = [...found].flatMap(([hash, record]): RankedAlgorithm[] => {
    const measured = candidate(record, 'found', { depth });
    const logs = problems.flatMap(({ problem, weight }) =>
      recallCandidate(pool, measured, problem, campaign)
        .filter(({ device }) => devices.includes(device))
        .map(({ row }) => ({ weight, value: Math.log((row && relativeTime(row.outcome)) ?? Number.NaN) })),
    );
    if (logs.length === 0 || logs.some(({ value }) => Number.isNaN(value))) return [];
    return [{ hash, rank: record.factorization.rank, relativeTime: Math.exp(weightedMean(logs)) }];
  });
  return ranked.sort((a, b) => a.relativeTime - b.relativeTime);
}
