import { AlphaTensorError, bestKnownRank, formatSize, LIMITS } from '@alphatensor-edge/shared';
import type { TrainingConfig } from '../config.js';
import type { ProblemSpec } from '../fleet/measurement.js';
import type { WeightedProblem } from '../fleet/problem.js';
import type { FinetuneRun } from './reopen.js';

/** Seconds of timing for one measurement that is only a reward. */
const REWARD_SECONDS = 3;
/** Of what a run found, the fastest so many are measured for the report. */
const REPORTED = 2;

/** What a person settles of a fine-tuning run, beside the training's own configuration. */
export interface FinetuneWishes {
  readonly agents: readonly string[];
  readonly backends: readonly string[] | undefined;
  readonly variant: string | undefined;
  readonly checkpoint: string | undefined;
  /** Recursion levels. */
  readonly depth: number;
  /** Weight of the latency in the reward; undefined: the best known rank. */
  readonly lambda: number | undefined;
  /** What the reward is measured on. */
  readonly problems: readonly WeightedProblem[];
  /** What the report is measured on; undefined: the same. */
  readonly reportProblems: readonly ProblemSpec[] | undefined;
  /** Of timing for one measurement of the report. */
  readonly reportSeconds: number;
  readonly localMoves: boolean;
}

/** Settles a new fine-tuning run. @throws AlphaTensorError INVALID_ARGUMENT for what no agent would take */
export function finetuneRunOf(wanted: TrainingConfig, wishes: FinetuneWishes): FinetuneRun {
  const { agents, backends, variant, checkpoint, depth, problems, localMoves } = wishes;
  // One multiplication of R is about 1/R of the time, so R weighs a rank and the time it saves alike.
  const lambda = wishes.lambda ?? bestKnownRank(wanted.size);
  const config = forFinetuning(wanted, { isTrained: checkpoint !== undefined, lambda });
  requireMeasurable(config, depth);
  const specs = problems.map(({ problem }) => problem);
  const settings = {
    ...{ agents, backends, variant, checkpoint, lambda, depth, localMoves },
    problems: specs,
    problemWeights: problems.map(({ weight }) => weight),
    reportProblems: wishes.reportProblems ?? specs,
    rewardProtocol: { budgetSeconds: REWARD_SECONDS, minRounds: 0 },
    reportProtocol: { budgetSeconds: wishes.reportSeconds, minRounds: 0 },
    reportedCount: REPORTED,
  };
  return { config, settings };
}

/** Refuses, before the search begins, what no agent would take. @throws AlphaTensorError INVALID_ARGUMENT */
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

/** Learner steps between two rounds of games, and between two checkpoints, of a network that can play already. */
const PLAY_EVERY = 10;
const SAVE_EVERY = 50;

/**
 * A network that comes from a checkpoint plays from the first step on, by tree search, and learns gently from its own
 * games; one that starts from nothing keeps its preset's schedule. Where the latency counts, it is shown its best factorizations
 * only under symmetries that keep their nonzeros (signs): a denser image is another algorithm, with another latency than the
 * reward says.
 */
export function forFinetuning(
  config: TrainingConfig,
  { isTrained, lambda }: { readonly isTrained: boolean; readonly lambda: number },
): TrainingConfig {
  const saved = {
    ...config,
    // Devices measure algorithms of the run's size; a checkpoint may have been trained for others, too.
    alsoSizes: [],
    acting: { ...config.acting, workers: 1 },
    checkpoints: { ...config.checkpoints, everySteps: SAVE_EVERY },
  };
  if (!isTrained) return saved;
  return {
    ...saved,
    learner: { ...config.learner, learningRate: config.learner.learningRate / 5 },
    acting: { ...saved.acting, mode: 'mcts', fromStep: 0, everySteps: PLAY_EVERY },
    ...(lambda > 0 ? { replay: { ...config.replay, symmetryOffDiagonal: 0 } } : {}),
  };
}
