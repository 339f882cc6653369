import { AlphaTensorError, bestKnownRank, formatSize, LIMITS, type WorkspaceBound } from '@alphatensor-edge/shared';
import type { TrainingConfig } from '../config.js';
import type { ProblemSpec } from '../fleet/measurement.js';
import type { WeightedProblem } from '../fleet/problem.js';
import type { FinetuneRun } from './reopen.js';

/** The seconds of timing for a measurement that is only a reward. */
const REWARD_SECONDS = 3;
/** How many of a run's algorithms, the fastest, are measured for the report. */
const REPORTED = 2;

/** Holds what a person chooses for a fine-tuning run, apart from the training configuration. */
interface FinetuneWishes {
  readonly agents: readonly string[];
  /** Whether agents with equal hardware share the work as one device. */
  readonly pool: boolean;
  readonly backends: readonly string[] | undefined;
  readonly variant: string | undefined;
  readonly checkpoint: string | undefined;
  /** Number of recursion levels. */
  readonly depth: number;
  /** Weight of the latency in the reward; undefined for the best known rank. */
  readonly lambda: number | undefined;
  /** Largest multiple of the error of a plain product; null: any. */
  readonly maxError: number | null;
  /** Bounds the workspace of every program; undefined: any. */
  readonly maxWorkspace: WorkspaceBound | undefined;
  /** The problems that the reward is measured on. */
  readonly problems: readonly WeightedProblem[];
  /** The problems that the report is measured on; undefined for the same. */
  readonly reportProblems: readonly ProblemSpec[] | undefined;
  /** Seconds of timing for one measurement of the report. */
  readonly reportSeconds: number;
  readonly localMoves: boolean;
  /** Further games in each round that begin inside one of the best algorithms. */
  readonly insideGames: number;
}

/** Makes a new fine-tuning run from what a person chose. @throws AlphaTensorError INVALID_ARGUMENT if no agent would measure it */
export function finetuneRunOf(wanted: TrainingConfig, wishes: FinetuneWishes): FinetuneRun {
  const { agents, pool, backends, variant, checkpoint, depth, problems, localMoves, maxError, maxWorkspace } = wishes;
  // One of R multiplications takes about 1/R of the time. With lambda = R, a rank and the time that it saves weigh the same.
  const lambda = wishes.lambda ?? bestKnownRank(wanted.size);
  const config = insideGames(forFinetuning(wanted, { isTrained: checkpoint !== undefined }), wishes.insideGames);
  requireMeasurable(config, depth);
  const specs = problems.map(({ problem }) => problem);
  const settings = {
    ...{ agents, pool, backends, variant, checkpoint, lambda, maxError, maxWorkspace, depth, localMoves },
    problems: specs,
    problemWeights: problems.map(({ weight }) => weight),
    reportProblems: wishes.reportProblems ?? specs,
    rewardProtocol: { budgetSeconds: REWARD_SECONDS, minRounds: 0 },
    reportProtocol: { budgetSeconds: wishes.reportSeconds, minRounds: 0 },
    reportedCount: REPORTED,
  };
  return { config, settings };
}

/** Refuses, before the search begins, what no agent would measure. @throws AlphaTensorError INVALID_ARGUMENT */
function requireMeasurable({ size, arithmetic }: TrainingConfig, levels: number): void {
  if (arithmetic !== 'standard') {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      'Factorizations modulo 2 do not multiply real matrices, so there is no latency to fine-tune for; use a checkpoint in standard arithmetic.',
      { field: '--checkpoint' },
    );
  }
  const rank = bestKnownRank(size) ** levels;
  if (rank > LIMITS.maxRank) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `${levels} levels of ${formatSize(size)} have rank ${rank} together even with the best algorithm known; at most ${LIMITS.maxRank} is accepted, so use fewer --levels.`,
      { field: '--levels' },
    );
  }
}

// Learner steps between two rounds of games of a trained network, and between two checkpoints.
const PLAY_EVERY = 10;
const SAVE_EVERY = 50;

/**
 * Lets so many further games in each round begin inside one of the best algorithms, at whatever rank. At larger sizes games from the
 * opening are seldom solved, and other solutions of the same length are other algorithms, some of them faster.
 */
export function insideGames(config: TrainingConfig, count: number): TrainingConfig {
  if (count === 0) return config;
  return { ...config, acting: { ...config.acting, insideGames: count, insideAfterGoal: true } };
}

/**
 * Fits a training configuration to fine-tuning. A network from a checkpoint plays by tree search from the first step on and learns
 * slowly from its own games; a new network keeps the preset's schedule.
 */
export function forFinetuning(config: TrainingConfig, { isTrained }: { readonly isTrained: boolean }): TrainingConfig {
  const saved = {
    ...config,
    // Devices measure algorithms of the run's size, though a checkpoint may have been trained for other sizes too.
    alsoSizes: [],
    acting: { ...config.acting, workers: 1, play: 'in-turn' as const },
    checkpoints: { ...config.checkpoints, everySteps: SAVE_EVERY },
  };
  if (!isTrained) return saved;
  // Demonstrations of own walks have no latency, and would teach that all algorithms of a rank are alike.
  const { flips: _, ...demonstrations } = config.demonstrations;
  return {
    ...saved,
    demonstrations,
    learner: { ...config.learner, learningRate: config.learner.learningRate / 5 },
    acting: { ...saved.acting, mode: 'mcts', fromStep: 0, everySteps: PLAY_EVERY },
  };
}

/** Tells whether the network is shown its best algorithms under symmetries that change more than signs, so that each image needs a price. */
export function showsImages({ replay }: Pick<TrainingConfig, 'replay'>): boolean {
  return replay.images !== 'as-kept' && replay.symmetryOffDiagonal > 0;
}
