import {
  AlphaTensorError,
  ARITHMETICS,
  type Arithmetic,
  parseSize,
  type Size,
  usableThreads,
  wholeNumber,
} from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import { SYMMETRIES, type Symmetry } from '../explore/symmetry.js';
import { foundLine, resultLines, statusWords } from '../explore/words.js';
import { newExploration, reopenExploration, runExploration } from '../run/exploration.js';
import { defaultRunDir } from '../run/folder.js';
import { clusterOption } from './cluster-options.js';
import { budgetOption, jsonOption, seedOption } from './options.js';
import { interruptSignal, note, type Progress, print, printOutcome, progress } from './output.js';
import { checkResume, missedGoal, noteStopped } from './runs.js';

interface ExploreCommandOptions {
  readonly size?: Size;
  readonly all?: boolean;
  readonly symmetry: Symmetry;
  readonly arithmetic: Arithmetic;
  readonly from: string;
  readonly untilRank?: number;
  readonly integers?: boolean;
  readonly budget?: number;
  readonly seed: number;
  readonly workers: number;
  readonly runDir?: string;
  readonly resume?: boolean;
  readonly cluster?: string;
  readonly json?: boolean;
}

export function exploreCommand(): Command {
  const command = new Command('explore')
    .summary('search algorithms by random walks in the flip graph')
    .description(
      'Walks in the flip graph on all cores, from the standard algorithm or a file to ever lower ranks; the learning search is compared with it. Without --budget and --until-rank it goes on until Ctrl-C.',
    )
    .addOption(
      new Option('--size <n,m,p>', 'A is n x m, B is m x p; no default, needed unless --all or --resume').argParser(
        parseSize,
      ),
    )
    .addOption(
      new Option(
        '--all',
        'all sizes 2 <= n <= m <= p <= 5 in one pool, each from the best of others (default: one size)',
      ),
    )
    .addOption(
      new Option(
        '--arithmetic <kind>',
        'standard: integer coefficients -1, 0, 1; modulo-2: lower ranks sooner, lifted to integers where that is possible; modulo-3: for algorithms with halves, lifted to fractions',
      )
        .choices([...ARITHMETICS])
        .default('standard'),
    )
    .addOption(
      new Option(
        '--from <start>',
        'standard; grow: from the standard algorithm of <2,2,2> through the sizes between; pool: all sizes up to the largest dimension, each from the best of others; or a factorization of any size: a file or a name',
      ).default('standard'),
    )
    .addOption(
      new Option(
        '--symmetry <kind>',
        'cyclic: walks of <n,n,n> modulo 2 that keep the symmetry under rotations of the factors; they flip three pairs at once. cyclic-reversal: also the symmetry under reversing the order of rows and columns',
      )
        .choices([...SYMMETRIES])
        .default('none'),
    )
    .addOption(
      new Option(
        '--until-rank <rank>',
        'stop when this rank is found; not found in the budget is exit status 10 (default: no goal)',
      ).argParser(wholeNumber('--until-rank', 1, 5000)),
    )
    .addOption(
      new Option(
        '--integers',
        'let --until-rank count only integer algorithms; modulo 2 and 3, those that were lifted to integers',
      ),
    )
    .addOption(budgetOption('no limit'))
    .addOption(seedOption().default(1))
    .addOption(
      new Option('--workers <count>', 'threads that walk; with one, the same seed walks the same way')
        .argParser(wholeNumber('--workers', 1, 256))
        .default(usableThreads(), 'one for each core that this process may use'),
    )
    .addOption(new Option('--run-dir <dir>', 'folder of the run (default: runs/<date>-<size>)'))
    .addOption(new Option('--resume', 'continue from the best that the run in --run-dir found'))
    .addOption(
      clusterOption(
        'share the best with the searches of this cluster for the same size and arithmetic (default: with nobody)',
      ),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  at-trainer explore --size 3,3,3 --until-rank 23 --budget 1m
  at-trainer explore --size 4,4,4 --arithmetic modulo-2 --from grow --until-rank 47 --budget 5m
  at-trainer explore --size 5,5,5 --arithmetic modulo-2 --symmetry cyclic --until-rank 93 --budget 10m
  at-trainer explore --all --arithmetic modulo-2 --budget 1h --run-dir runs/all
  at-trainer explore --run-dir runs/first --resume --budget 1h`,
    );
  return command.action((options: ExploreCommandOptions) => explore(command, options));
}

async function explore(command: Command, options: ExploreCommandOptions): Promise<void> {
  checkResume(command, options, ['workers', 'cluster']);
  // Joined first, so that a wrong address leaves no folder of a run behind.
  const share = options.cluster === undefined ? undefined : await joinSharing(options.cluster);
  const exploration = options.resume ? await reopenExploration(options.runDir as string) : await create(options);
  const { runDir, saved } = exploration;
  const { workers, budget: budgetSeconds, untilRank } = options;
  const signal = interruptSignal();
  let shown: Progress | undefined;
  const running = runExploration(exploration, {
    ...{ workers, budgetSeconds, untilRank, integersOnly: options.integers === true, signal, share },
    hooks: {
      onStart: (text) => {
        shown = progress('exploring');
        note(text);
      },
      onProgress: (now) => {
        const fraction = budgetSeconds === undefined ? 0 : now.seconds / budgetSeconds;
        shown?.update(fraction, statusWords(now, saved.size));
      },
      onFound: (found) => note(foundLine(found, saved.size)),
    },
  });
  const result = await running.finally(async () => {
    shown?.stop();
    await share?.close();
  });
  const reached = { bestRank: options.integers ? result.bestIntegerRank : result.bestRank };
  const failure = result.reason === 'aborted' ? undefined : missedGoal('explore', reached, untilRank, runDir);
  const { size, arithmetic, symmetry, from, seed } = saved;
  const document = { size, arithmetic, symmetry, from, seed, workers, ...result, runDir };
  const asText = (): void => {
    print(`run        ${runDir}`);
    for (const line of resultLines(result, saved.size, arithmetic)) print(line);
  };
  printOutcome(document, failure, options.json ? undefined : asText);
  if (result.reason === 'aborted') noteStopped('explore', runDir);
}

async function joinSharing(address: string) {
  const { SharedBest } = await import('../cluster/shared-best.js');
  return SharedBest.join(address, note);
}

async function create({ all, runDir, untilRank, ...wishes }: ExploreCommandOptions) {
  const { size, arithmetic, symmetry, from, seed } = wishes;
  const refuse = (message: string, field: string): never => {
    throw new AlphaTensorError('INVALID_ARGUMENT', message, { field });
  };
  if (size === undefined && !all) {
    refuse('Nothing to search: give --size n,m,p, for example --size 3,3,3, or --all.', '--size');
  }
  if (size !== undefined && all) refuse('--all searches all sizes up to 5; leave out --all or --size.', '--all');
  if (untilRank !== undefined && all)
    refuse('--until-rank needs one size; leave it out or give --size.', '--until-rank');
  if (all && from === 'grow') refuse('--all grows by itself; leave out --from grow.', '--from');
  return newExploration(runDir ?? defaultRunDir(size ?? 'all-sizes'), { size, arithmetic, symmetry, from, seed });
}
