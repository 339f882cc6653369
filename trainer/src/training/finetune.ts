import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { contentHash, type FactorizationRecord, loadFactorization, messageOf } from '@alphatensor-edge/shared';
import type { TrainingConfig } from '../config.js';
import type { AgentProgress } from '../fleet/agent-client.js';
import type { AgentPool, PoolDevice } from '../fleet/agent-pool.js';
import { type Candidate, candidate, references } from '../fleet/algorithms.js';
import type { BackendChoice } from '../fleet/backend-choice.js';
import { type CampaignOptions, measureCandidate, recallCandidate } from '../fleet/campaign.js';
import { relativeTime } from '../fleet/latency-reward.js';
import type { ProblemSpec } from '../fleet/measurement.js';
import { MEASUREMENTS_FILE, MeasurementStore } from '../fleet/measurement-store.js';
import { aimingAt } from '../presets.js';
import { lockRunFolder } from '../run/folder.js';
import { LatencyFeed, type WeightedProblem } from './latency-feed.js';
import { LocalMoves, type Neighbourhood } from './local-moves.js';
import { measureDemonstrations } from './measure-demonstrations.js';
import { runTraining, type TrainingHooks, type TrainingOptions, type TrainingResult } from './train.js';

export interface FinetuneOptions extends Omit<TrainingOptions, 'hooks'> {
  readonly pool: AgentPool;
  readonly backend: BackendChoice;
  /** The backends' way of building a program; default: each one's own. */
  readonly variant?: string;
  /** Weight of the latency in r' = r + lambda * b. */
  readonly lambda: number;
  /** What the reward is measured on. */
  readonly problems: readonly WeightedProblem[];
  /** What the best and the references are measured on at the end. */
  readonly reportProblems: readonly ProblemSpec[];
  /** Recursion levels of the reward's measurements. */
  readonly depth: number;
  /** Where local moves around the fastest go; undefined: there are none. */
  readonly neighbourhood?: Neighbourhood;
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
  /** Algorithms of the run that were measured on every device and problem of the reward, fastest first. */
  readonly ranked: readonly RankedAlgorithm[];
  /** The fastest for each device alone. */
  readonly byDevice: readonly { readonly agents: readonly string[]; readonly ranked: readonly RankedAlgorithm[] }[];
  /** Tasks of the last part that came to no outcome. */
  readonly missing: number;
}

export interface RankedAlgorithm {
  readonly hash: string;
  readonly rank: number;
  /** Geometric mean of t / t_baseline over problems, by their weights, and devices. */
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
  const lock = lockRunFolder(options.runDir);
  try {
    const store = MeasurementStore.open(join(options.runDir, MEASUREMENTS_FILE));
    try {
      const training = await trainWithLatency(config, options, store);
      const found = await loadFound(options.runDir, store);
      const { devices } = options.pool;
      const ranked = rankFound(found, devices, options, store);
      const byDevice = devices.map((device) => ({
        agents: device.agents.map(({ name }) => name),
        ranked: rankFound(found, [device], options, store).slice(0, options.reportedCount),
      }));
      const fastest = [ranked, ...byDevice.map((device) => device.ranked)].flatMap((ranking) =>
        ranking.slice(0, options.reportedCount),
      );
      const reported = new Map(fastest.flatMap(({ hash }) => recordOf(found, hash)));
      const missing = options.signal?.aborted ? 0 : await measureForReport([...reported.values()], options, store);
      return { ...training, ranked, byDevice, missing };
    } finally {
      store.close();
    }
  } finally {
    lock.release();
  }
}

async function trainWithLatency(
  config: TrainingConfig,
  options: FinetuneOptions,
  store: MeasurementStore,
): Promise<TrainingResult> {
  const { hooks = {}, pool, lambda, problems, depth, rewardProtocol } = options;
  const feed = new LatencyFeed({
    pool,
    store,
    problems,
    depth,
    lambda,
    campaign: campaign(rewardProtocol, options),
    ...(hooks.onReward ? { onReward: hooks.onReward } : {}),
  });
  const earlier = await loadFound(options.runDir, store);
  feed.recall([...earlier.values()].map(({ factorization }) => factorization));
  const moves =
    options.neighbourhood === undefined
      ? undefined
      : new LocalMoves({
          feed,
          neighbourhood: options.neighbourhood,
          runDir: options.runDir,
          seed: config.seed,
          ...(hooks.onFailure ? { onFailure: hooks.onFailure } : {}),
        });
  let given: Promise<void> | undefined;
  // No rank is the goal: a higher one may be faster.
  const training = runTraining(aimingAt(config), {
    ...options,
    hooks: {
      ...hooks,
      // The training has checked by then that they fit.
      onStart: (info) => {
        hooks.onStart?.(info);
        given = measureDemonstrations(config.demonstrations.files, { feed, moves, runDir: options.runDir }).catch(
          (error: unknown) => hooks.onFailure?.(`Demonstrations are not measured: ${messageOf(error)}`),
        );
      },
      onMetrics: (line) => hooks.onMetrics?.({ ...line, ...latencyMetrics(feed) }),
      terminalBonus: (factorization) => feed.estimate(factorization),
      measuredBefore: (hash) => feed.reward(hash),
      measure: async (found) => {
        const reward = await feed.measure(found);
        moves?.consider(found.factorization, feed.measured.get(found.hash));
        return reward;
      },
    },
  });
  const result = await training.finally(async () => {
    await given;
    await moves?.stop();
  });
  hooks.onMetrics?.({ time: result.seconds, step: result.step, ...latencyMetrics(feed) });
  return result;
}

function campaign(
  protocol: CampaignOptions['protocol'],
  { backend, variant, signal, hooks }: FinetuneOptions,
  onProgress?: (agent: string, progress: AgentProgress) => void,
): Omit<CampaignOptions, 'store'> {
  return {
    backend,
    ...(variant === undefined ? {} : { variant }),
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

/** The algorithms of the run, by their measured time on the reward's problems; one that lacks a device or problem is left out. */
function rankFound(
  found: ReadonlyMap<string, FactorizationRecord>,
  devices: readonly PoolDevice[],
  options: FinetuneOptions,
  store: MeasurementStore,
): RankedAlgorithm[] {
  const { pool, rewardProtocol, problems, depth } = options;
  const settings = { ...campaign(rewardProtocol, options), store };
  const ranked = [...found].flatMap(([hash, record]): RankedAlgorithm[] => {
    const measured = candidate(record, 'found', { depth });
    const logs = problems.flatMap(({ problem, weight }) =>
      recallCandidate(pool, measured, problem, settings)
        .filter(({ device }) => devices.includes(device))
        .map(({ row }) => ({ weight, log: Math.log((row && relativeTime(row.outcome)) ?? Number.NaN) })),
    );
    if (logs.length === 0 || logs.some(({ log }) => Number.isNaN(log))) return [];
    const total = logs.reduce((sum, { weight }) => sum + weight, 0);
    const meanLog = logs.reduce((sum, { weight, log }) => sum + weight * log, 0) / total;
    return [{ hash, rank: record.factorization.rank, relativeTime: Math.exp(meanLog) }];
  });
  return ranked.sort((a, b) => a.relativeTime - b.relativeTime);
}

function recordOf(found: ReadonlyMap<string, FactorizationRecord>, hash: string): [string, FactorizationRecord][] {
  const record = found.get(hash);
  return record === undefined ? [] : [[hash, record]];
}

/** Measures the fastest algorithms and the references on the report's problems; returns how many came to no outcome. */
async function measureForReport(
  fastest: readonly FactorizationRecord[],
  options: FinetuneOptions,
  store: MeasurementStore,
): Promise<number> {
  const { pool, reportProblems, reportProtocol, hooks, signal } = options;
  const best = fastest.flatMap((record): Candidate[] => {
    const depths = record.factorization.rank ** 2 <= MAX_REPORTED_RANK ? [1, 2] : [1];
    return depths.map((depth) => candidate(record, 'found', { depth }));
  });
  // The baseline is timed beside each of them, and against itself once a session: it needs no job of its own.
  const timed = [...references().filter(({ levels }) => levels.length > 0), ...best];
  const tasks = reportProblems.flatMap((problem) => timed.map((measured) => ({ problem, measured })));
  if (tasks.length === 0) return 0;
  let missing = 0;
  for (const [index, { problem, measured }] of tasks.entries()) {
    if (signal?.aborted) return missing + tasks.length - index;
    const what = `${measured.algorithm.label} at ${problem.m}x${problem.k}x${problem.n}`;
    hooks?.onReportProgress?.(index, tasks.length, what);
    const rows = await measureCandidate(pool, measured, problem, {
      ...campaign(reportProtocol, options, (_, state) =>
        hooks?.onReportProgress?.(index, tasks.length, `${what}, ${state.stage}`),
      ),
      store,
      // The reward's measurements were short, and made while the search kept this machine busy.
      fresh: true,
    });
    missing += pool.devices.length - rows.length;
  }
  hooks?.onReportProgress?.(tasks.length, tasks.length, 'done');
  return missing;
}

/** The factorizations of the run, by content hash: those in its folder, and what was measured just before it was killed. */
async function loadFound(runDir: string, store: MeasurementStore): Promise<Map<string, FactorizationRecord>> {
  const folder = join(runDir, 'factorizations');
  const records = new Map<string, FactorizationRecord>();
  for (const name of existsSync(folder) ? await readdir(folder) : []) {
    if (!name.endsWith('.json')) continue;
    const record = await loadFactorization(join(folder, name));
    records.set(contentHash(record.factorization), record);
  }
  const stored = store.factorizations();
  for (const { algorithm } of store.all()) {
    const [hash] = algorithm.levels;
    const record = stored.get(hash);
    if (algorithm.role === 'found' && record !== undefined && !records.has(hash)) records.set(hash, record);
  }
  return records;
}
