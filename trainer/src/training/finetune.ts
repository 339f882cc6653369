import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '@alphatensor-edge/shared';
import { gameRules, type TrainingConfig } from '../config.js';
import type { AgentPool } from '../fleet/agent-pool.js';
import type { BackendChoice } from '../fleet/backend-choice.js';
import type { CampaignOptions } from '../fleet/campaign.js';
import type { ProblemSpec } from '../fleet/measurement.js';
import { MEASUREMENTS_FILE, MeasurementStore } from '../fleet/measurement-store.js';
import type { WeightedProblem } from '../fleet/problem.js';
import { ProgramDescriptions } from '../fleet/program-descriptions.js';
import { aimingAt } from '../presets.js';
import { inRunFolder } from '../run/state.js';
import { showsImages } from './finetune-config.js';
import { loadFound } from './found-algorithms.js';
import { ImageTrials } from './image-trials.js';
import { LatencyFeed } from './latency-feed.js';
import { LocalMoves, type Neighbourhood } from './local-moves.js';
import { measureBest } from './measure-best.js';
import { measureDemonstrations } from './measure-demonstrations.js';
import { PricedImages } from './priced-images.js';
import { type RankedAlgorithm, rankFound } from './ranking.js';
import type { Reward } from './reward.js';
import { runTraining, type TrainingHooks, type TrainingOptions, type TrainingResult } from './train.js';

/** Sets how a run is fine-tuned. */
interface FinetuneOptions extends Omit<TrainingOptions, 'hooks' | 'reward'> {
  readonly pool: AgentPool;
  readonly backend: BackendChoice;
  /** How the backends build a program; by default each in its own way. */
  readonly variant?: string | undefined;
  /** Weight of the latency in r' = r + lambda * b. */
  readonly lambda: number;
  /** Largest multiple of the error of a plain product; what exceeds it gets the lowest b. Default null: any. */
  readonly maxError?: number | null | undefined;
  /** Bounds the workspace of every program, of the reward and of the report. Default: no bound. */
  readonly maxWorkspace?: CampaignOptions['maxWorkspace'];
  /** The problems that the reward is measured on. */
  readonly problems: readonly WeightedProblem[];
  /** The problems that the best algorithms and the references are measured on at the end. */
  readonly reportProblems: readonly ProblemSpec[];
  /** Number of recursion levels of the reward's measurements. */
  readonly depth: number;
  /**
   * Whether the network is shown its best algorithms under symmetries at a price of their own (priced-images.ts). Default: if lambda is
   * above 0 and the replay has symmetries. Without it, the reward of an algorithm holds for all its images.
   */
  readonly pricesImages?: boolean | undefined;
  /** Draws local moves around the fastest algorithm. Without it there are none. */
  readonly neighbourhood?: Neighbourhood | undefined;
  /** How long to measure for the reward. */
  readonly rewardProtocol: CampaignOptions['protocol'];
  /** Number of the run's algorithms that are measured for the report. */
  readonly reportedCount: number;
  /** How long to measure for the report. */
  readonly reportProtocol: CampaignOptions['protocol'];
  readonly hooks?: FinetuneHooks | undefined;
}

/** Holds the functions that tell the caller about a fine-tuning run. */
interface FinetuneHooks extends TrainingHooks {
  /** Called when a measurement arrives, with the `b` of r' = r + lambda * b. */
  readonly onReward?: ((hash: string, b: number) => void) | undefined;
  readonly onFailure?: ((message: string) => void) | undefined;
  /** Called during the measurements for the report: `done` of `total` are made. */
  readonly onReportProgress?: ((done: number, total: number, what: string) => void) | undefined;
}

/** Holds the result of a fine-tuning run. */
export interface FinetuneResult extends TrainingResult {
  /** Algorithms of the run that were measured on every device and problem of the reward, fastest first. */
  readonly ranked: readonly RankedAlgorithm[];
  /** The fastest for each device alone. */
  readonly byDevice: readonly { readonly agents: readonly string[]; readonly ranked: readonly RankedAlgorithm[] }[];
  /** Number of the report's measurements that gave no outcome. */
  readonly missing: number;
}

/**
 * Trains with the latency in the reward, then measures what was found, together with the references. Measurements are written to the
 * run folder as they arrive. A run that was stopped can be resumed.
 * @throws AlphaTensorError as runTraining; RESOURCE_EXHAUSTED if another process writes to the run or its disk is full
 */
export async function finetune(config: TrainingConfig, options: FinetuneOptions): Promise<FinetuneResult> {
  await mkdir(options.runDir, { recursive: true });
  const { runDir, signal, stop } = options;
  const session = { signal, budgetSeconds: stop.budgetSeconds, stage: 'searching' };
  return await inRunFolder(runDir, session, async (stage) => {
    const store = MeasurementStore.open(join(runDir, MEASUREMENTS_FILE));
    try {
      const training = await trainWithLatency(config, options, store);
      stage('measuring what was found');
      return { ...training, ...(await measureFound(options, store)) };
    } finally {
      store.close();
    }
  });
}

async function trainWithLatency(
  config: TrainingConfig,
  options: FinetuneOptions,
  store: MeasurementStore,
): Promise<TrainingResult> {
  const { hooks = {}, pool, lambda, maxError, problems, depth, neighbourhood, runDir } = options;
  const { onReward, onFailure } = hooks;
  const campaign = campaignOf(options, store, options.rewardProtocol);
  const isPriced = options.pricesImages ?? (lambda > 0 && showsImages(config));
  const specs = problems.map(({ problem }) => problem);
  const descriptions =
    specs.length > 0 && (lambda > 0 || isPriced || neighbourhood !== undefined)
      ? new ProgramDescriptions({ pool, problems: specs, depth, campaign, onMessage: onFailure })
      : undefined;
  const feed = new LatencyFeed({ pool, store, problems, depth, lambda, maxError, campaign, onReward, descriptions });
  const images = isPriced ? new PricedImages(gameRules(config), config.replay.symmetryOffDiagonal, feed) : undefined;
  const trials = images && new ImageTrials({ feed, images, runDir, seed: config.seed, onFailure });
  const metricsNow = (): Record<string, number> => latencyMetrics(feed, images, descriptions);
  const earlier = await loadFound(runDir, store);
  feed.recall([...earlier.values()].map(({ factorization }) => factorization));
  const moves = neighbourhood && new LocalMoves({ feed, neighbourhood, runDir, seed: config.seed, onFailure });
  let given: Promise<void> | undefined;
  // No rank is the goal: a higher one may be faster.
  const training = runTraining(aimingAt(config), {
    ...options,
    reward: rewardOf(feed, { moves, images, trials }),
    hooks: {
      ...hooks,
      // The training has checked by then that they fit.
      onStart: (info) => {
        hooks.onStart?.(info);
        given = measureDemonstrations(config.demonstrations.files, { feed, moves, runDir }).catch((error: unknown) =>
          onFailure?.(`Demonstrations are not measured: ${messageOf(error)}`),
        );
      },
      onMetrics: (line, calibration) => hooks.onMetrics?.({ ...line, ...metricsNow() }, calibration),
    },
  });
  const result = await training.finally(async () => {
    await given;
    await moves?.stop();
    await trials?.stop();
    await descriptions?.close();
  });
  hooks.onMetrics?.({ time: result.seconds, step: result.step, ...metricsNow() });
  return result;
}

interface BesideFeed {
  readonly moves: LocalMoves | undefined;
  readonly images: PricedImages | undefined;
  readonly trials: ImageTrials | undefined;
}

/** Makes the feed's reward, which also passes each measured algorithm to the local moves, and after which an image may be measured. */
function rewardOf(feed: LatencyFeed, { moves, images, trials }: BesideFeed): Reward {
  return {
    isPlain: false,
    images,
    estimate: (factorization) => feed.estimate(factorization),
    known: (hash) => feed.known(hash),
    measure: async (found) => {
      const bonus = await feed.measure(found);
      moves?.consider(found.factorization, feed.measured.get(found.hash));
      trials?.start();
      return bonus;
    },
  };
}

/** Gives what is measured, and how well the cost models predicted it before; images have estimated prices, and are in no report. */
function latencyMetrics(
  { measured, waiting, accuracy }: LatencyFeed,
  images: PricedImages | undefined,
  descriptions: ProgramDescriptions | undefined,
): Record<string, number> {
  const terms = [...measured.values()];
  return {
    measured: terms.length,
    waiting,
    ...(terms.length > 0 && { latencyBonus: Math.max(...terms) }),
    ...(images && { pricedImages: images.count }),
    ...(descriptions && { describedPrograms: descriptions.count }),
    ...(accuracy && {
      costError: accuracy.error,
      costErrorOfMean: accuracy.errorOfMean,
      costPredictions: accuracy.count,
      costFromPrograms: accuracy.fromPrograms,
    }),
  };
}

/** Ranks what the run found, over all devices and on each alone, and measures the fastest algorithms for the report. */
async function measureFound(
  options: FinetuneOptions,
  store: MeasurementStore,
): Promise<Pick<FinetuneResult, 'ranked' | 'byDevice' | 'missing'>> {
  const { pool, problems, depth, reportedCount, reportProblems, signal, hooks } = options;
  const found = await loadFound(options.runDir, store);
  const ranking = { pool, problems, depth, campaign: campaignOf(options, store, options.rewardProtocol) };
  const ranked = rankFound(found, pool.devices, ranking);
  const byDevice = pool.devices.map((device) => ({
    agents: device.agents.map(({ name }) => name),
    ranked: rankFound(found, [device], ranking).slice(0, reportedCount),
  }));
  const fastest = [ranked, ...byDevice.map((device) => device.ranked)].flatMap((one) => one.slice(0, reportedCount));
  const reported = [...new Set(fastest.map(({ hash }) => hash))].flatMap((hash) => found.get(hash) ?? []);
  const missing = signal?.aborted
    ? 0
    : await measureBest(reported, {
        pool,
        problems: reportProblems,
        campaign: campaignOf(options, store, options.reportProtocol),
        onProgress: hooks?.onReportProgress,
      });
  return { ranked, byDevice, missing };
}

function campaignOf(
  { backend, variant, maxWorkspace, signal, hooks }: FinetuneOptions,
  store: MeasurementStore,
  protocol: CampaignOptions['protocol'],
): CampaignOptions {
  return { backend, variant, maxWorkspace, protocol, signal, store, onFailure: hooks?.onFailure };
}
