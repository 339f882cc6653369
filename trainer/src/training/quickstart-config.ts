import { bestKnownRank } from '@alphatensor-edge/shared';
import type { TrainingConfig } from '../config.js';
import type { ProblemSpec } from '../fleet/measurement.js';
import { forFinetuning } from './finetune-config.js';
import type { FinetuneRun } from './reopen.js';

/** Sizes of the report's square problems. */
const SIZES = [512, 1024, 2048, 4096];
/** The reward's problem: large enough for an algorithm to matter, small enough to measure in a moment. */
const REWARD_SIZE = 1024;
/** Everything together is to take about five minutes on two cores, and a product of 4096 takes seconds. */
const REPORT_PROTOCOL = { budgetSeconds: 4, minRounds: 5 };
const REWARD_PROTOCOL = { budgetSeconds: 2, minRounds: 0 };

/** What the fine-tuning of `quickstart` begins with. */
interface QuickstartWishes {
  /** HOST:PORT of the agent on this machine. */
  readonly agent: string;
  /** Whether it can compile; otherwise the run measures nothing. */
  readonly canMeasure: boolean;
  /** The folder of the trained network. */
  readonly checkpoint: string;
  /** Undefined: the checkpoint's. */
  readonly seed: number | undefined;
}

/** Settles the fine-tuning of `quickstart` from the configuration that its network was trained with. */
export function quickstartRunOf(
  trained: TrainingConfig,
  { agent, canMeasure, checkpoint, seed }: QuickstartWishes,
): FinetuneRun {
  const lambda = bestKnownRank(trained.size);
  const wanted: TrainingConfig = {
    ...trained,
    tfBackend: 'auto',
    actBackend: 'auto',
    learnBackend: 'auto',
    seed: seed ?? trained.seed,
    // Whatever the network was shown before, this run learns from its own games only; the report says both.
    demonstrations: { ...trained.demonstrations, files: [] },
  };
  const settings = {
    ...{ agents: [agent], checkpoint, lambda, depth: 1 },
    problems: canMeasure ? [square(REWARD_SIZE)] : [],
    reportProblems: canMeasure ? SIZES.map(square) : [],
    rewardProtocol: REWARD_PROTOCOL,
    reportProtocol: REPORT_PROTOCOL,
    reportedCount: 1,
  };
  return { config: forFinetuning(wanted, { isTrained: true }), settings };
}

function square(n: number): ProblemSpec {
  return { m: n, k: n, n, dtype: 'f32', threads: 1 };
}
