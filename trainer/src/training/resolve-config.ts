import { AlphaTensorError, formatSize, type Size, sameSize } from '@alphatensor-edge/shared';
import { gameRules, type TrainingConfig } from '../config.js';
import { aimingAt, flipping, growing, type PresetName, presetForSize } from '../presets.js';
import { loadCheckpoint } from '../run/checkpoint.js';
import { filesOrRuns } from '../run/factorizations.js';
import { checkWalks } from './flips/check-walks.js';
import { loadStarts } from './flips/load-starts.js';
import { loadParts } from './parts.js';

/** Holds what a person chooses for a training run. The rest comes from the checkpoint, or from the preset if there is none. */
interface TrainingWishes {
  readonly size: Size;
  readonly preset: PresetName;
  readonly arithmetic?: TrainingConfig['arithmetic'] | undefined;
  /** The folder of the checkpoint whose weights and configuration the run starts from. */
  readonly checkpoint?: string | undefined;
  /** Files of known factorizations to show to the network. */
  readonly demonstrations?: readonly string[] | undefined;
  /** Files of smaller factorizations to grow from, or folders of runs that found some. */
  readonly growFrom?: readonly string[] | undefined;
  /** Whether the run's own walks in the flip graph give demonstrations. */
  readonly flipDemonstrations?: boolean | undefined;
  /** Files of factorizations that these walks begin with, or folders of runs that found some. */
  readonly walkFrom?: readonly string[] | undefined;
  readonly seed?: number | undefined;
  readonly tfBackend?: TrainingConfig['tfBackend'] | undefined;
  readonly actBackend?: TrainingConfig['actBackend'] | undefined;
  readonly learnBackend?: TrainingConfig['learnBackend'] | undefined;
  readonly untilRank?: number | undefined;
}

/**
 * Makes the configuration of a new run. It is that of the checkpoint or of the preset, changed as the person chose.
 * @param isGiven tells whether the person gave an option
 * @throws AlphaTensorError INVALID_ARGUMENT for what does not fit the checkpoint or the game; as loadCheckpoint, filesOrRuns, loadParts and loadStarts
 */
export async function resolveTrainingConfig(
  wishes: TrainingWishes,
  isGiven: (option: 'size' | 'preset' | 'arithmetic') => boolean,
): Promise<TrainingConfig> {
  const base =
    wishes.checkpoint === undefined
      ? presetForSize(wishes.preset, wishes.size, wishes.arithmetic)
      : (await loadCheckpoint(wishes.checkpoint)).config;
  const differs = {
    size: !sameSize(base.size, wishes.size),
    preset: base.preset !== wishes.preset,
    arithmetic: base.arithmetic !== wishes.arithmetic,
  };
  for (const name of ['size', 'preset', 'arithmetic'] as const) {
    if (!differs[name] || !isGiven(name)) continue;
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `--${name} does not fit the checkpoint, which is of ${formatSize(base.size)} with preset ${base.preset}, arithmetic ${base.arithmetic}; leave it out or start without --checkpoint.`,
      { field: `--${name}` },
    );
  }
  const config = {
    ...base,
    seed: wishes.seed ?? base.seed,
    tfBackend: wishes.tfBackend ?? 'auto',
    actBackend: wishes.actBackend ?? 'auto',
    learnBackend: wishes.learnBackend ?? 'auto',
    // The walks of a checkpoint were those of its own run.
    demonstrations: { ...base.demonstrations, flips: undefined, files: [...(wishes.demonstrations ?? [])] },
  };
  const parts = await filesOrRuns(wishes.growFrom ?? [], '--grow-from');
  // Unusable parts are refused here, before the run has a folder.
  await loadParts(parts, gameRules(config));
  // The goal in a checkpoint was the goal of its own run, so it is set anew.
  const grown = growing(config, parts);
  return aimingAt(await walking(grown, wishes), wishes.untilRank);
}

/** Lets the run's own walks give demonstrations if the person wishes so. */
async function walking(config: TrainingConfig, wishes: TrainingWishes): Promise<TrainingConfig> {
  const { flipDemonstrations = false, walkFrom = [] } = wishes;
  if (!flipDemonstrations && walkFrom.length === 0) return config;
  if (!flipDemonstrations) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      "--walk-from says where a run's own walks begin, and there are none; add --flip-demonstrations.",
      { field: '--walk-from' },
    );
  }
  checkWalks(config);
  const files = await filesOrRuns(walkFrom, '--walk-from');
  // Unusable files are refused here, before the run has a folder.
  await loadStarts(files, config);
  return flipping(config, files);
}
