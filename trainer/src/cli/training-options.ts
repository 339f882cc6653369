import { AlphaTensorError, formatSize, parseSize, type Size, sameSize } from '@alphatensor-edge/shared';
import { type Command, Option } from 'commander';
import { gameRules, TF_BACKENDS, type TrainingConfig } from '../config.js';
import { aimingAt, growing, PRESETS, type PresetName, presetForSize } from '../presets.js';
import { loadCheckpoint } from '../run/checkpoint.js';
import { loadParts } from '../training/parts.js';
import { budgetOption, collect, jsonOption, seedOption } from './options.js';
import { partFiles } from './part-files.js';

/** Options that `train` and `finetune` have in common. */
export interface TrainingCommandOptions {
  readonly size: Size;
  readonly preset: PresetName;
  readonly checkpoint?: string;
  readonly demonstrations?: string[];
  readonly growFrom?: string[];
  readonly budget?: number;
  readonly seed?: number;
  readonly tfBackend?: TrainingConfig['tfBackend'];
  readonly runDir?: string;
  readonly resume?: boolean;
  readonly json?: boolean;
}

export function addTrainingOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--size <n,m,p>', 'A is n x m, B is m x p').argParser(parseSize).default(parseSize('2,2,2'), '2,2,2'),
    )
    .addOption(new Option('--preset <name>', 'configuration').choices(Object.keys(PRESETS)).default('tiny'))
    .addOption(new Option('--checkpoint <dir>', 'start from the weights and the configuration of this checkpoint'))
    .addOption(
      new Option(
        '--demonstrations <file>',
        'a known factorization to show to the network; repeatable; every output names it',
      ).argParser(collect),
    )
    .addOption(budgetOption())
    .addOption(seedOption())
    .addOption(new Option('--tf-backend <name>', 'TensorFlow.js backend').choices([...TF_BACKENDS]))
    .addOption(new Option('--run-dir <dir>', 'folder of the run (default: runs/<date>-<size>)'))
    .addOption(new Option('--resume', 'continue the run in --run-dir'))
    .addOption(jsonOption());
}

/**
 * The resolved configuration of a new run: that of the checkpoint, else of the preset, with what the user asked for.
 * @throws AlphaTensorError
 */
export async function trainingConfigOf(
  command: Command,
  options: TrainingCommandOptions & {
    readonly arithmetic?: TrainingConfig['arithmetic'];
    readonly untilRank?: number;
  },
): Promise<TrainingConfig> {
  const base =
    options.checkpoint === undefined
      ? presetForSize(options.preset, options.size, options.arithmetic)
      : (await loadCheckpoint(options.checkpoint)).config;
  const differs = {
    size: !sameSize(base.size, options.size),
    preset: base.preset !== options.preset,
    arithmetic: base.arithmetic !== options.arithmetic,
  };
  for (const name of ['size', 'preset', 'arithmetic'] as const) {
    if (!differs[name] || command.getOptionValueSource(name) !== 'cli') continue;
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `--${name} does not fit the checkpoint, which is of ${formatSize(base.size)} with preset ${base.preset}, arithmetic ${base.arithmetic}; leave it out or start without --checkpoint.`,
      { field: `--${name}` },
    );
  }
  const config = {
    ...base,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    tfBackend: options.tfBackend ?? 'auto',
    demonstrations: { ...base.demonstrations, files: options.demonstrations ?? [] },
  };
  const parts = options.growFrom === undefined ? [] : await partFiles(options.growFrom);
  // Refused here, before there is a folder of a run.
  await loadParts(parts, gameRules(config));
  // A checkpoint's goal was that of its own run.
  return aimingAt(growing(config, parts), options.untilRank);
}

/** Options that mean something for a run that goes on; the others were settled when it began. */
const WITH_RESUME = [
  'resume',
  'runDir',
  'budget',
  'json',
  'agent',
  'untilRank',
  'integers',
  'maxSteps',
  'exportCheckpoint',
];

/**
 * A run is resumed as it was configured.
 * @param free further options that this command takes with --resume
 * @throws AlphaTensorError INVALID_ARGUMENT naming an option that would have no effect, or that is missing
 */
export function checkResume(
  command: Command,
  { resume, runDir }: Pick<TrainingCommandOptions, 'resume' | 'runDir'>,
  free: readonly string[] = [],
): void {
  if (!resume) return;
  if (runDir === undefined) {
    throw new AlphaTensorError('INVALID_ARGUMENT', '--resume needs --run-dir, the folder of the run to go on with.', {
      field: '--run-dir',
    });
  }
  const settled = command.options.find(
    (option) =>
      ![...WITH_RESUME, ...free].includes(option.attributeName()) &&
      command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  if (settled !== undefined) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `${settled.long} cannot be changed with --resume: the run keeps the configuration it began with; leave it out or start a new run.`,
      { field: settled.long ?? '' },
    );
  }
}

/** The error of a run that ended without the rank it was to find. */
export function missedGoal(
  command: 'train' | 'explore',
  { bestRank }: { readonly bestRank?: number | undefined },
  untilRank: number | undefined,
  runDir: string,
): AlphaTensorError | undefined {
  if (untilRank === undefined || (bestRank !== undefined && bestRank <= untilRank)) return undefined;
  return new AlphaTensorError(
    'GOAL_MISSED',
    `Rank ${untilRank} was not found (best: ${bestRank ?? 'nothing'}); go on with at-trainer ${command} --resume --run-dir ${runDir}.`,
  );
}
