import { parseSize, type Size, wholeNumber } from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import { PLAYS, parseTrainingConfig, type TrainingConfig } from '../config.js';
import { exportCheckpoint, newestStep } from '../run/checkpoint.js';
import { createRunFolder, defaultRunDir } from '../run/folder.js';
import { readHistory } from '../run/history.js';
import type { MetricsLine } from '../run/metrics.js';
import { provenanceWords } from '../run/provenance.js';
import type { FoundFactorization, TrainingResult } from '../training/contract.js';
import type { StartGameSource } from '../training/game-source.js';
import { reopenTrain } from '../training/reopen.js';
import { clusterOption, type LearnerOptions, learnerOptions, limitsOf } from './cluster-options.js';
import { collect } from './options.js';
import { interruptSignal, note, print, printOutcome } from './output.js';
import { checkResume, missedGoal, noteStopped } from './runs.js';
import { addTrainingOptions, type TrainingCommandOptions, trainingConfigOf } from './training-options.js';
import { TrainingView } from './training-view.js';

interface TrainOptions extends TrainingCommandOptions, LearnerOptions {
  readonly cluster?: string;
  readonly alsoSize?: Size[];
  readonly arithmetic: TrainingConfig['arithmetic'];
  readonly untilRank?: number;
  readonly maxSteps?: number;
  readonly exportCheckpoint?: string;
  readonly games?: number;
  readonly workers?: number;
  readonly play?: TrainingConfig['acting']['play'];
}

/** Lists the options that each session of a run has anew. */
const CLUSTER_OPTIONS = ['cluster', 'keepVersions', 'actorShare', 'queueGames'];

export function trainCommand(): Command {
  const command = addTrainingOptions(
    new Command('train')
      .summary('search algorithms by reinforcement learning')
      .description('Trains the network by synthetic demonstrations and self-play and searches factorizations with it.'),
  )
    .addOption(
      new Option(
        '--also-size <n,m,p>',
        'alternate between --size and this smaller size, padded with zeros: one network for several sizes (default: none); repeatable',
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
          'begin inside it; not found in the budget is exit status 10 (default: no goal)',
      ).argParser(wholeNumber('--until-rank', 1, 5000)),
    )
    .addOption(
      new Option('--max-steps <count>', 'stop after this many learner steps (default: no limit)').argParser(
        wholeNumber('--max-steps', 1, 10 ** 9),
      ),
    )
    .addOption(
      new Option(
        '--games <count>',
        'games per round; 0: learn from random tensors of known factorization alone, without own games (default: that of the preset)',
      ).argParser(wholeNumber('--games', 0, 10_000)),
    )
    .addOption(
      new Option(
        '--workers <count>',
        'threads that play games, through ONNX Runtime, or TensorFlow.js on wasm or cpu (on wasm where the network learns on native ' +
          'TensorFlow, which runs in one thread only); in turn, the same seed gives the same run for the same number (default: 1)',
      ).argParser(wholeNumber('--workers', 1, 256)),
    )
    .addOption(
      new Option(
        '--play <when>',
        'in-turn: learning waits for each round of games, and a seed gives the same run again; meanwhile: threads play while it ' +
          'learns, with weights at most 500 steps old (default: in-turn)',
      ).choices([...PLAYS]),
    )
    .addOption(
      new Option(
        '--grow-from <path>',
        'factorization of a smaller size, or a run that found some: random tensors are grown from it (default: none); repeatable; every output names it',
      ).argParser(collect),
    )
    .addOption(
      new Option(
        '--flip-demonstrations',
        "show what this run's own walks in the flip graph find at --size, and at smaller sizes placed inside it; what games find goes " +
          'back to the walks; every output says so (default: off)',
      ),
    )
    .addOption(
      new Option(
        '--walk-from <path>',
        'with --flip-demonstrations: factorization of --size or of a smaller size on the way to it, or a run that found some, for ' +
          'example of explore: the walks begin with it (default: none); repeatable; every output names it',
      ).argParser(collect),
    )
    .option(
      '--export-checkpoint <dir>',
      'also write the final weights in half precision, for other runs to start from, and how they were trained (default: not)',
    )
    .addOption(
      clusterOption('let the actors of this cluster play (default: this process plays, and no server is needed)'),
    )
    .addHelpText(
      'after',
      `
Examples:
  at-trainer train --size 2,2,2 --preset tiny --until-rank 7 --budget 30m --seed 1
  at-trainer train --size 2,2,3 --also-size 2,2,2 --budget 2h
  at-trainer train --size 2,2,3 --grow-from runs/first --until-rank 11 --budget 1h
  at-trainer train --size 2,3,3 --preset mid --flip-demonstrations --budget 1h
  at-trainer train --size 2,2,3 --preset lean --cluster nats://127.0.0.1:4222
  at-trainer train --run-dir runs/first --resume --budget 1h`,
    );
  for (const option of learnerOptions()) command.addOption(option);
  return command.action((options: TrainOptions) => train(command, options));
}

async function train(command: Command, options: TrainOptions): Promise<void> {
  checkResume(command, options, CLUSTER_OPTIONS);
  const resume = options.resume === true;
  const { runDir, ...run } = resume ? reopen(options) : await create(command, options);
  const signal = interruptSignal();
  const { budget: budgetSeconds, untilRank, maxSteps } = options;
  // Loaded only here, as TensorFlow.js takes a second to load and other commands do not need it.
  const { runTrain } = await import('../training/train-run.js');
  const view = new TrainingView('training', { budgetSeconds, maxSteps });
  const hooks = {
    onMessage: note,
    onMetrics: (line: MetricsLine) => view.update(line),
    onFactorization: (found: FoundFactorization) => view.announce(found),
  };
  const startGames = options.cluster === undefined ? undefined : await clusterGames(options, options.cluster, runDir);
  const stop = { budgetSeconds, untilRank, maxSteps };
  const running = runTrain(run, { runDir, resume, stop, signal, startGames, hooks, commandLine: commandLine() });
  const result = await running.finally(() => view.stop());
  if (options.exportCheckpoint !== undefined) {
    await exportCheckpoint(result.checkpoint, options.exportCheckpoint, readHistory(runDir, result));
  }
  const failure = result.reason === 'aborted' ? undefined : missedGoal('train', result, untilRank, runDir);
  printOutcome({ ...result, runDir }, failure, options.json ? undefined : () => printResult(result, runDir));
  if (result.reason === 'aborted') noteStopped('train', runDir);
}

/** Makes what lets the actors of a cluster play. */
async function clusterGames(options: TrainOptions, address: string, runDir: string): Promise<StartGameSource> {
  const { ClusterGames } = await import('../cluster/learner.js');
  const step = options.resume ? await newestStep(runDir) : 0;
  const { keepVersions, actorShare } = options;
  const limits = limitsOf(options);
  return (context) =>
    ClusterGames.join({ address, runDir, step, keepVersions, actorShare, limits, onMessage: note }, context);
}

async function create(command: Command, options: TrainOptions) {
  const base = await trainingConfigOf(command, options);
  const { games = base.acting.games, workers = 1, play = 'in-turn', alsoSize = base.alsoSizes } = options;
  // Actors need not wait for a network that has learnt already.
  const fromStep = options.cluster !== undefined && options.checkpoint !== undefined ? 0 : base.acting.fromStep;
  const acting = { ...base.acting, games, workers, play, fromStep };
  const config = parseTrainingConfig({ ...base, alsoSizes: alsoSize, acting });
  const runDir = options.runDir ?? defaultRunDir(config.size);
  createRunFolder(runDir);
  return { config, runDir, checkpoint: options.checkpoint };
}

/** Gives the command line as a person would type it. */
function commandLine(): string {
  const quoted = process.argv
    .slice(2)
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`));
  return ['at-trainer', ...quoted].join(' ');
}

function reopen({ runDir, untilRank }: TrainOptions) {
  const folder = runDir as string;
  return { ...reopenTrain(folder, untilRank), runDir: folder };
}

function printResult(result: TrainingResult, runDir: string): void {
  print(`run        ${runDir}`);
  print(`best rank  ${result.bestRank ?? 'nothing found'}, ${provenanceWords(result)}`);
  print(
    `steps      ${result.step} in ${Math.round(result.seconds)} s, ${result.solved} of ${result.games} games solved`,
  );
  print(`checkpoint ${result.checkpoint}`);
}
