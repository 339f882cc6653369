import { AlphaTensorError, formatSize, type Size, sameSize } from '@alphatensor-edge/shared';
import { gameRules, type TrainingConfig } from '../config.js';
import { aimingAt, growing, type PresetName, presetForSize } from '../presets.js';
import { loadCheckpoint } from '../run/checkpoint.js';
import { partFiles } from '../run/factorizations.js';
import { loadParts } from './parts.js';

/** What a person settles of a training run; the rest comes from its checkpoint, else from its preset. */
export interface TrainingWishes {
  readonly size: Size;
  readonly preset: PresetName;
  readonly arithmetic?: TrainingConfig['arithmetic'] | undefined;
  /** The folder of the checkpoint whose weights and configuration it starts from. */
  readonly checkpoint?: string | undefined;
  /** Files of known factorizations to show to the network. */
  readonly demonstrations?: readonly string[] | undefined;
  /** Files of smaller results to grow from, or runs that found some. */
  readonly growFrom?: readonly string[] | undefined;
  readonly seed?: number | undefined;
  readonly tfBackend?: TrainingConfig['tfBackend'] | undefined;
  readonly untilRank?: number | undefined;
}

/**
 * Resolves the configuration of a new run: that of the checkpoint, else of the preset, with what the person asked for.
 * @param isGiven whether an option was given rather than left at its default
 * @throws AlphaTensorError INVALID_ARGUMENT for what does not fit the checkpoint or the game; as loadCheckpoint, partFiles and loadParts
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
    demonstrations: { ...base.demonstrations, files: [...(wishes.demonstrations ?? [])] },
  };
  const parts = await partFiles(wishes.growFrom ?? []);
  // Refused here, before there is a folder of a run.
  await loadParts(parts, gameRules(config));
  // A checkpoint's goal was that of its own run.
  return aimingAt(growing(config, parts), wishes.untilRank);
}
