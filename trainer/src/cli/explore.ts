import {
  AlphaTensorError,
  type Arithmetic,
  parseSize,
  type Size,
  usableThreads,
  wholeNumber,
} from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import { foundLine, resultLines, statusWords } from '../explore/words.js';
import { newExploration, reopenExploration, runExploration } from '../run/exploration.js';
import { defaultRunDir } from '../run/folder.js';
import { budgetOption, jsonOption, seedOption } from './options.js';
import { interruptSignal, note, type Progress, print, printOutcome, progress } from './output.js';
import { checkResume, missedGoal, noteStopped } from './runs.js';

interface ExploreCommandOptions {
  readonly size?: Size;
  readonly arithmetic: Arithmetic;
  readonly from: string;
  readonly untilRank?: number;
  readonly integers?: boolean;
  readonly budget?: number;
  readonly seed: number;
  readonly workers: number;
  readonly runDir?: string;
  readonly resume?: boolean;
  readonly json?: boolean;
}

export function exploreCommand(): Command {
  const command = new Command('explore')
    .summary('search algorithms by random walks in the flip graph')
    .description(
      'Walks in the flip graph on all cores, from the standard algorithm or a file to ever lower ranks; the learning search is compared with it. Without --budget and --until-rank it goes on until Ctrl-C.',
    )
    .addOption(
      new Option('--size <n,m,p>', 'A is n x m, B is m x p; no default, needed unless --resume').argParser(parseSize),
    )
    .addOption(
      new Option(
        '--arithmetic <kind>',
        'standard: integer coefficients -1, 0, 1; modulo-2: lower ranks sooner, lifted to integers where that is possible',
      )
        .choices(['standard', 'modulo-2'])
        .default('standard'),
    )
    .addOption(
      new Option(
        '--from <start>',
        'standard; grow: from the standard algorithm of <2,2,2> through the sizes between; or a factorization: a file or a name',
      ).default('standard'),
    )
    .addOption(
      new Option(
        '--until-rank <rank>',
        'stop when this rank is found; not found in the budget is exit status 10 (default: no goal)',
      ).argParser(wholeNumber('--until-rank', 1, 5000)),
    )
    .addOption(
      new Option('--integers', 'let --until-rank count only integer algorithms; modulo 2, those that were lifted'),
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
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  at-trainer explore --size 3,3,3 --until-rank 23 --budget 1m
  at-trainer explore --size 4,4,4 --arithmetic modulo-2 --from grow --until-rank 47 --budget 5m
  at-trainer explore --run-dir runs/first --resume --budget 1h`,
    );
  return command.action((options: ExploreCommandOptions) => explore(command, options));
}

async function explore(command: Command, options: ExploreCommandOptions): Promise<void> {
  checkResume(command, options, ['workers']);
  const exploration = options.resume ? await reopenExploration(options.runDir as string) : await create(options);
  const { runDir, saved } = exploration;
  const { workers, budget: budgetSeconds, untilRank } = options;
  const signal = interruptSignal();
  let shown: Progress | undefined;
  const running = runExploration(exploration, {
    ...{ workers, budgetSeconds, untilRank, integersOnly: options.integers === true, signal },
    hooks: {
      onStart: (text) => {
        shown = progress('exploring');
        note(text);
      },
      onProgress: (now) => {
        const fraction = budgetSeconds === undefined ? 0 : now.seconds / budgetSeconds;
        shown?.update(fraction, statusWords(now, saved.size));
      },
      onFound: (found) => note(foundLine(found)),
    },
  });
  const result = await running.finally(() => shown?.stop());
  const reached = { bestRank: options.integers ? result.bestIntegerRank : result.bestRank };
  const failure = result.reason === 'aborted' ? undefined : missedGoal('explore', reached, untilRank, runDir);
  const { size, arithmetic, from, seed } = saved;
  const document = { size, arithmetic, from, seed, workers, ...result, runDir };
  const asText = (): void => {
    print(`run        ${runDir}`);
    for (const line of resultLines(result)) print(line);
  };
  printOutcome(document, failure, options.json ? undefined : asText);
  if (result.reason === 'aborted') noteStopped('explore', runDir);
}

function create({ size, arithmetic, from, seed, runDir }: ExploreCommandOptions) {
  if (size === undefined) {
    throw new AlphaTensorError('INVALID_ARGUMENT', 'Nothing to search: give --size n,m,p, for example --size 3,3,3.', {
      field: '--size',
    });
  }
  return newExploration(runDir ?? defaultRunDir(size), { size, arithmetic, from, seed });
}
