import { AlphaTensorError, parseSize, type Size, wholeNumber } from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import { z } from 'zod';
import { parseTrainingConfig, type TrainingConfig } from '../config.js';
import { aimingAt } from '../presets.js';
import { exportCheckpoint, hasCheckpoint } from '../run/checkpoint.js';
import { createRunFolder, defaultRunDir, lockRunFolder, readRunConfig, writeRunConfig } from '../run/folder.js';
import { MetricsLog } from '../run/metrics.js';
import { provenanceWords } from '../run/provenance.js';
import type { TrainingResult } from '../training/train.js';
import { collect } from './options.js';
import { interruptSignal, note, print, printOutcome, progress } from './output.js';
import {
  addTrainingOptions,
  checkResume,
  missedGoal,
  type TrainingCommandOptions,
  trainingConfigOf,
} from './training-options.js';
import { backendLines, foundLine, PROGRAM_VERSION, TrainingProgress } from './training-output.js';

interface TrainOptions extends TrainingCommandOptions {
  readonly alsoSize?: Size[];
  readonly arithmetic: TrainingConfig['arithmetic'];
  readonly untilRank?: number;
  readonly maxSteps?: number;
  readonly exportCheckpoint?: string;
  readonly games?: number;
  readonly workers?: number;
}

const savedRun = z.object({ command: z.literal('train'), checkpoint: z.string().nullable(), training: z.unknown() });

export function trainCommand(): Command {
  const command = addTrainingOptions(
    new Command('train')
      .summary('search algorithms by reinforcement learning')
      .description('Trains the network by synthetic demonstrations and self-play and searches factorizations with it.'),
  )
    .addOption(
      new Option(
        '--also-size <n,m,p>',
        'play this smaller size by turns with --size, padded with zeros: one network for several; repeatable',
      ).argParser((text, before: Size[] = []) => [...before, parseSize(text)]),
    )
    .addOption(
      new Option('--arithmetic <name>', 'over the integers, or the field of two elements')
        .choices(['standard', 'modulo-2'])
        .default('standard'),
    )
    .addOption(
      new Option(
        '--until-rank <rank>',
        'aim for this rank of --size and stop when it is found: until then games have one move fewer than the best so far, or ' +
          'begin inside it; not found in the budget is exit status 10',
      ).argParser(wholeNumber('--until-rank', 1, 5000)),
    )
    .addOption(
      new Option('--max-steps <count>', 'stop after this many learner steps').argParser(
        wholeNumber('--max-steps', 1, 10 ** 9),
      ),
    )
    .addOption(
      new Option(
        '--games <count>',
        'games a round; 0: learn from random tensors of known factorization alone, without own games',
      ).argParser(wholeNumber('--games', 0, 10_000)),
    )
    .addOption(
      new Option(
        '--workers <count>',
        'threads that play games, for the backends wasm and cpu (native TensorFlow uses all cores by itself); the same seed ' +
          'gives the same run for the same number (default: 1)',
      ).argParser(wholeNumber('--workers', 1, 256)),
    )
    .addOption(
      new Option(
        '--grow-from <path>',
        'factorization of a smaller size, or a run that found some: random tensors are grown from it; repeatable; every output names it',
      ).argParser(collect),
    )
    .option('--export-checkpoint <dir>', 'also write the final weights in half precision, for other runs to start from')
    .addHelpText(
      'after',
      `
Examples:
  at-trainer train --size 2,2,2 --preset tiny --until-rank 7 --budget 30m --seed 1
  at-trainer train --size 2,2,3 --also-size 2,2,2 --budget 2h
  at-trainer train --size 2,2,3 --grow-from runs/first --until-rank 11 --budget 1h
  at-trainer train --run-dir runs/first --resume --budget 1h`,
    );
  return command.action((options: TrainOptions) => train(command, options));
}

async function train(command: Command, options: TrainOptions): Promise<void> {
  checkResume(command, options);
  const { config, runDir, checkpoint } = options.resume
    ? reopen(options.runDir as string, options.untilRank)
    : await create(command, options);
  const lock = lockRunFolder(runDir);
  const signal = interruptSignal();
  // Loaded only here: TensorFlow.js takes a second that the other commands need not wait for.
  const { runTraining } = await import('../training/train.js');
  const bar = new TrainingProgress(progress('training'), {
    budgetSeconds: options.budget,
    maxSteps: options.maxSteps,
  });
  let metrics: MetricsLog | undefined;
  let result: TrainingResult;
  try {
    result = await runTraining(config, {
      runDir,
      signal,
      // A run that was stopped before its first checkpoint begins anew.
      resume: options.resume === true && (await hasCheckpoint(runDir)),
      ...(checkpoint === undefined ? {} : { checkpoint }),
      stop: {
        ...(options.budget === undefined ? {} : { budgetSeconds: options.budget }),
        ...(options.untilRank === undefined ? {} : { untilRank: options.untilRank }),
        ...(options.maxSteps === undefined ? {} : { maxSteps: options.maxSteps }),
      },
      hooks: {
        onStart: (info) => {
          for (const line of backendLines(info)) note(line);
          if (!options.resume) {
            writeRunConfig(runDir, {
              command: 'train',
              size: config.size,
              alsoSizes: config.alsoSizes,
              preset: config.preset,
              seed: config.seed,
              tfBackend: info.backend.description,
              startedAt: new Date().toISOString(),
              version: PROGRAM_VERSION,
              checkpoint: checkpoint ?? null,
              demonstrations: info.demonstrations,
              grownFrom: info.grownFrom,
              insideSchoolbook: info.insideSchoolbook,
              training: config,
            });
          }
          metrics = new MetricsLog(runDir, info.step);
        },
        onMetrics: (line, calibration) => {
          metrics?.append(line, calibration);
          bar.update(line);
        },
        onFactorization: (found) => {
          if (found.isNew) bar.remark(foundLine(found));
        },
      },
    });
  } finally {
    bar.stop();
    lock.release();
  }
  if (options.exportCheckpoint !== undefined) await exportCheckpoint(result.checkpoint, options.exportCheckpoint);
  const failure = result.reason === 'aborted' ? undefined : missedGoal('train', result, options.untilRank, runDir);
  printOutcome({ ...result, runDir }, failure, options.json ? undefined : () => printResult(result, runDir));
  if (result.reason === 'aborted') {
    note(`stopped; go on with at-trainer train --resume --run-dir ${runDir}`);
    process.exitCode = 130;
  }
}

async function create(command: Command, options: TrainOptions) {
  const base = await trainingConfigOf(command, options);
  const { games = base.acting.games, workers = 1, alsoSize = base.alsoSizes } = options;
  const config = parseTrainingConfig({ ...base, alsoSizes: alsoSize, acting: { ...base.acting, games, workers } });
  const runDir = options.runDir ?? defaultRunDir(config.size);
  createRunFolder(runDir);
  return { config, runDir, checkpoint: options.checkpoint };
}

function reopen(runDir: string, untilRank: number | undefined) {
  const saved = savedRun.safeParse(readRunConfig(runDir));
  if (!saved.success) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `${runDir} is not a run of at-trainer train; resume it with the command that began it.`,
    );
  }
  const config = parseTrainingConfig(saved.data.training);
  return {
    config: untilRank === undefined ? config : aimingAt(config, untilRank),
    runDir,
    checkpoint: saved.data.checkpoint ?? undefined,
  };
}

function printResult(result: TrainingResult, runDir: string): void {
  print(`run        ${runDir}`);
  print(`best rank  ${result.bestRank ?? 'nothing found'}, ${provenanceWords(result)}`);
  print(
    `steps      ${result.step} in ${Math.round(result.seconds)} s, ${result.solved} of ${result.games} games solved`,
  );
  print(`checkpoint ${result.checkpoint}`);
}
