import { parseTrainingConfig, type TrainingConfig } from '../config.js';
import { aimingAt } from '../presets.js';
import { reopenRun } from '../run/config.js';
import type { FinetuneSettings } from '../run/finetune-settings.js';

// These types hold what decides a run. They are made when the run begins, and read from its folder when it is resumed.

/** Holds what decides a training run. */
export interface TrainRun {
  readonly config: TrainingConfig;
  /** The checkpoint that it starts from. */
  readonly checkpoint: string | undefined;
}

/** Holds what decides a fine-tuning run. */
export interface FinetuneRun {
  readonly config: TrainingConfig;
  readonly settings: FinetuneSettings;
}

/**
 * Reads what decides the training run in `runDir`, to resume it.
 * @param untilRank a new goal; without it the old one stays
 * @throws AlphaTensorError as reopenRun and parseTrainingConfig
 */
export function reopenTrain(runDir: string, untilRank: number | undefined): TrainRun {
  const { training, checkpoint } = reopenRun(runDir, 'train');
  const config = parseTrainingConfig(training);
  return {
    config: untilRank === undefined ? config : aimingAt(config, untilRank),
    checkpoint: checkpoint ?? undefined,
  };
}

/**
 * Reads what decides the fine-tuning run in `runDir`, to resume it on `agents`; by default on those it had.
 * @throws AlphaTensorError as reopenRun and parseTrainingConfig
 */
export function reopenFinetune(runDir: string, agents: readonly string[] | undefined): FinetuneRun {
  const { finetune: settings, training } = reopenRun(runDir, 'finetune');
  const config = parseTrainingConfig(training);
  const going = agents ?? settings.agents;
  // Backends named for agents that no longer take part are left out.
  const backends = settings.backends?.filter(
    (text) => !text.includes('=') || going.some((name) => text.startsWith(`${name}=`)),
  );
  return { config, settings: { ...settings, agents: going, backends } };
}
