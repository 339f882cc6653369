import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { contentHash, type FactorizationRecord, loadFactorization } from '@alphatensor-edge/shared';
import type { TrainingConfig } from '../config.js';
import type { AgentProgress } from '../fleet/agent-client.js';
import type { AgentPool } from '../fleet/agent-pool.js';
import { type Candidate, candidate, references } from '../fleet/algorithms.js';
import { type CampaignOptions, measureCandidate } from '../fleet/campaign.js';
import { relativeTime } from '../fleet/latency-reward.js';
import type { MeasurementRow, ProblemSpec } from '../fleet/measurement.js';
import { MEASUREMENTS_FILE, MeasurementStore } from '../fleet/measurement-store.js';
import { LatencyFeed } from './latency-feed.js';
import { runTraining, type TrainingHooks, type TrainingOptions, type TrainingResult } from './train.js';

export interface FinetuneOptions extends Omit<TrainingOptions, 'hooks'> {
  readonly pool: AgentPool;
  readonly backend: string;
  /** Weight of the latency in r' = r + lambda * b. */
  readonly lambda: number;
  /** What the reward is measured on. */
  readonly problems: readonly ProblemSpec[];
  /** What the best and the references are measured on at the end. */
  readonly reportProblems: readonly ProblemSpec[];
  /** Recursion levels of the reward's measurements. */
  readonly depth: number;
  /** How to measure for the reward: short. */
  readonly rewardProtocol: CampaignOptions['protocol'];
  /** How many of the run's algorithms are measured for the report. */
  readonly reportedCount: number;
  /** How to measure for the report. */
  readonly reportProtocol: CampaignOptions['protocol'];
  readonly hooks?: Pick<TrainingHooks, 'onStart' | 'onMetrics' | 'onFactorization'> & {
    readonly onReward?: (hash: string, b: number) => void;
    readonly onFailure?: (message: string) => void;
    /** The last part: `done` of `total` measurements are made. */
    readonly onReportProgress?: (done: number, total: number, what: string) => void;
  };
}

export interface FinetuneResult extends TrainingResult {
  /** Algorithms of the run, fastest first by the reward's measurements. */
  readonly ranked: readonly RankedAlgorithm[];
  /** Tasks of the last part that came to no outcome. */
  readonly missing: number;
}

export interface RankedAlgorithm {
  readonly hash: string;
  readonly rank: number;
  /** Geometric mean of t / t_vendor over problems and agents. */
  readonly relativeTime: number;
}

/** Composed ranks above this are not measured twice over for the report. */
const MAX_REPORTED_RANK = 400;

/**
 * Trains with the latency in the reward, then measures what it found beside the references. The run folder gets the
 * measurements as they arrive; a run that is stopped can be resumed.
 * @throws AlphaTensorError as runTraining; RESOURCE_EXHAUSTED if another process writes to the run or its disk is full
 */
export async function finetune(config: TrainingConfig, options: FinetuneOptions): Promise<FinetuneResult> {
  await mkdir(options.runDir, { recursive: true });
  const store = MeasurementStore.open(join(options.runDir, MEASUREMENTS_FILE));
  try {
    const training = await trainWithLatency(config, options, store);
    const ranked = rankFound(store.all(), options);
    const missing = options.signal?.aborted ? 0 : await measureForReport(ranked, options, store);
    return { ...training, ranked, missing };
  } finally {
    store.close();
  }
}

async function trainWithLatency(
  config: TrainingConfig,
  options: FinetuneOptions,
  store: MeasurementStore,
): Promise<TrainingResult> {
  const { hooks = {}, pool, backend, lambda, problems, depth, rewardProtocol } = options;
  const feed = new LatencyFeed({
    pool,
    store,
    problems,
    depth,
    lambda,
    campaign: campaign(backend, rewardProtocol, options),
    ...(hooks.onReward ? { onReward: hooks.onReward } : {}),
  });
  const result = await runTraining(config, {
    ...options,
    hooks: {
      ...hooks,
      onMetrics: (line) => hooks.onMetrics?.({ ...line, ...latencyMetrics(feed) }),
      terminalBonus: (factorization) => feed.estimate(factorization),
      measure: (found) => feed.measure(found),
    },
  });
  hooks.onMetrics?.({ time: result.seconds, step: result.step, ...latencyMetrics(feed) });
  return result;
}

function campaign(
  backend: string,
  protocol: CampaignOptions['protocol'],
  { signal, hooks }: FinetuneOptions,
  onProgress?: (agent: string, progress: AgentProgress) => void,
): Omit<CampaignOptions, 'store'> {
  return {
    backend,
    ...(protocol ? { protocol } : {}),
    ...(signal ? { signal } : {}),
    ...(hooks?.onFailure ? { onFailure: hooks.onFailure } : {}),
    ...(onProgress ? { onProgress } : {}),
  };
}

function latencyMetrics({ measured, waiting }: LatencyFeed): Record<string, number> {
  const terms = [...measured.values()];
  return {
    measured: terms.length,
    waiting,
    ...(terms.length > 0 && { latencyBonus: Math.max(...terms) }),
  };
}

/** The algorithms that the run found, by their measured time on the reward's problems. */
export function rankFound(
  rows: readonly MeasurementRow[],
  { problems, depth }: Pick<FinetuneOptions, 'problems' | 'depth'>,
): RankedAlgorithm[] {
  const wanted = new Set(problems.map((problem) => JSON.stringify(problem)));
  const logRatios = new Map<string, { rank: number; values: number[] }>();
  for (const row of rows) {
    const ratio = relativeTime(row.outcome);
    const { levels, role, rank } = row.algorithm;
    if (role !== 'found' || levels.length !== depth || ratio === undefined) continue;
    if (!wanted.has(JSON.stringify(row.problem))) continue;
    const entry = logRatios.get(levels[0]) ?? { rank: Math.round(rank ** (1 / depth)), values: [] };
    entry.values.push(Math.log(ratio));
    logRatios.set(levels[0], entry);
  }
  return [...logRatios]
    .map(([hash, { rank, values }]) => ({
      hash,
      rank,
      relativeTime: Math.exp(values.reduce((sum, value) => sum + value, 0) / values.length),
    }))
    .sort((a, b) => a.relativeTime - b.relativeTime);
}

/** Measures the fastest algorithms and the references on the report's problems; returns how many came to no outcome. */
async function measureForReport(
  ranked: readonly RankedAlgorithm[],
  options: FinetuneOptions,
  store: MeasurementStore,
): Promise<number> {
  const { pool, backend, reportProblems, reportProtocol, hooks, signal } = options;
  const found = await loadFound(options.runDir);
  const best = ranked.slice(0, options.reportedCount).flatMap(({ hash, rank }): Candidate[] => {
    const record = found.get(hash);
    if (record === undefined) return [];
    const depths = rank ** 2 <= MAX_REPORTED_RANK ? [1, 2] : [1];
    return depths.map((depth) => candidate(record, 'found', { depth }));
  });
  // The vendor GEMM is timed beside each of them, and against itself once a session: it needs no job of its own.
  const timed = [...references().filter(({ levels }) => levels.length > 0), ...best];
  const tasks = reportProblems.flatMap((problem) => timed.map((measured) => ({ problem, measured })));
  if (tasks.length === 0) return 0;
  let missing = 0;
  for (const [index, { problem, measured }] of tasks.entries()) {
    if (signal?.aborted) return missing + tasks.length - index;
    const what = `${measured.algorithm.label} at ${problem.m}x${problem.k}x${problem.n}`;
    hooks?.onReportProgress?.(index, tasks.length, what);
    const rows = await measureCandidate(pool, measured, problem, {
      ...campaign(backend, reportProtocol, options, (_, state) =>
        hooks?.onReportProgress?.(index, tasks.length, `${what}, ${state.stage}`),
      ),
      store,
      // The reward's measurements were short, and made while the search kept this machine busy.
      fresh: true,
    });
    missing += pool.agents.length - rows.length;
  }
  hooks?.onReportProgress?.(tasks.length, tasks.length, 'done');
  return missing;
}

/** The factorizations in the run's folder, by content hash. */
async function loadFound(runDir: string): Promise<Map<string, FactorizationRecord>> {
  const folder = join(runDir, 'factorizations');
  const records = new Map<string, FactorizationRecord>();
  for (const name of (await readdir(folder)).filter((file) => file.endsWith('.json'))) {
    const record = await loadFactorization(join(folder, name));
    records.set(contentHash(record.factorization), record);
  }
  return records;
}
