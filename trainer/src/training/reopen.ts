import { parseTrainingConfig, type TrainingConfig } from '../config.js';
import { aimingAt } from '../presets.js';
import { reopenRun } from '../run/config.js';
import type { FinetuneSettings } from '../run/finetune-settings.js';

// What settles a run, as it is handed over when the run begins and read again from its folder when it goes on.

/** What settles a training run. */
export interface TrainRun {
  readonly config: TrainingConfig;
  /** The checkpoint it starts from. */
  readonly checkpoint: string | undefined;
}

/** What settles a fine-tuning run. */
export interface FinetuneRun {
  readonly config: TrainingConfig;
  readonly settings: FinetuneSettings;
}

/**
 * Reads what settled the run in `runDir`, to go on with it.
 * @param untilRank a new goal; undefined: the old one stays
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
 * Reads what settled the run in `runDir`, to go on with it on `agents` (default: those it had).
 * @throws AlphaTensorError as reopenRun and parseTrainingConfig
 */
export function reopenFinetune(runDir: string, agents: readonly string[] | undefined): FinetuneRun {
  const { finetune: settings, training } = reopenRun(runDir, 'finetune');
  const config = parseTrainingConfig(training);
  const going = agents ?? settings.agents;
  // Those of agents that the run goes on without are of no use.
  const backends = settings.backends?.filter(
    (text) => !text.includes('=') || going.some((name) => text.startsWith(`${name}=`)),
  );
  return { config, settings: { ...settings, agents: going, backends } };
}
