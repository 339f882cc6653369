import { parseSize, type Size } from '@alphatensor-edge/shared';
import { type Command, Option } from 'commander';
import { ENGINES, TF_BACKENDS, type TrainingConfig } from '../config.js';
import { PRESETS, type PresetName } from '../presets.js';
import { resolveTrainingConfig } from '../training/resolve-config.js';
import { budgetOption, collect, jsonOption, seedOption } from './options.js';

/** Holds the options that `train` and `finetune` share. */
export interface TrainingCommandOptions {
  readonly size: Size;
  readonly preset: PresetName;
  readonly checkpoint?: string;
  readonly demonstrations?: string[];
  readonly growFrom?: string[];
  readonly flipDemonstrations?: boolean;
  readonly walkFrom?: string[];
  readonly budget?: number;
  readonly seed?: number;
  readonly tfBackend?: TrainingConfig['tfBackend'];
  readonly actBackend?: TrainingConfig['actBackend'];
  readonly learnBackend?: TrainingConfig['learnBackend'];
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
    .addOption(
      new Option(
        '--checkpoint <dir>',
        'start from the weights and the configuration of this checkpoint (default: random weights)',
      ),
    )
    .addOption(
      new Option(
        '--demonstrations <file>',
        'a known factorization to show to the network (default: none); repeatable; every output names it',
      ).argParser(collect),
    )
    .addOption(budgetOption('no limit'))
    .addOption(seedOption('that of the preset or checkpoint'))
    .addOption(
      new Option('--tf-backend <name>', 'TensorFlow.js backend (default: that of the preset, auto)').choices([
        ...TF_BACKENDS,
      ]),
    )
    .addOption(
      new Option(
        '--act-backend <name>',
        'what games are played through (default: auto): ONNX Runtime (several times as fast as WebAssembly), or TensorFlow.js; ' +
          'auto: ONNX Runtime where it runs, or native TensorFlow where that is faster for this network by a short trial',
      ).choices([...ENGINES]),
    )
    .addOption(
      new Option(
        '--learn-backend <name>',
        'what gradients are computed through (default: auto): ONNX Runtime, or TensorFlow.js; auto: as for --act-backend',
      ).choices([...ENGINES]),
    )
    .addOption(new Option('--run-dir <dir>', 'folder of the run (default: runs/<date>-<size>)'))
    .addOption(new Option('--resume', 'continue the run in --run-dir'))
    .addOption(jsonOption());
}

/**
 * Makes the configuration of a new run from the options.
 * @throws AlphaTensorError as resolveTrainingConfig
 */
export function trainingConfigOf(
  command: Command,
  options: TrainingCommandOptions & {
    readonly arithmetic?: TrainingConfig['arithmetic'];
    readonly untilRank?: number;
  },
): Promise<TrainingConfig> {
  return resolveTrainingConfig(options, (name) => command.getOptionValueSource(name) === 'cli');
}
