import { AlphaTensorError, realNumber, wholeNumber } from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import { refinedLines, refiningWords } from '../refine/words.js';
import { defaultRunDir } from '../run/folder.js';
import { newRefinement, reopenRefinement, runRefinement } from '../run/refinement.js';
import { budgetOption, jsonOption, seedOption } from './options.js';
import { interruptSignal, type Progress, print, printJson, progress } from './output.js';
import { checkResume, noteStopped } from './runs.js';

interface RefineCommandOptions {
  readonly maxNonzeros: number;
  readonly budget?: number;
  readonly chains?: number;
  readonly flips: boolean;
  readonly seed: number;
  readonly runDir?: string;
  readonly resume?: boolean;
  readonly json?: boolean;
}

export function refineCommand(): Command {
  const command = new Command('refine')
    .summary('search equivalent algorithms with smaller errors and few nonzeros')
    .description(
      'Changes the bases of factorizations, and flips pairs of their products, to lower the error growth with few nonzeros: simulated annealing in exact dyadic fractions. Every result has the same rank as its start.',
    )
    .argument('[factorization...]', 'files, FILE#n,m,p for one entry of an .npz, or strassen, winograd, …')
    .addOption(
      new Option('--max-nonzeros <factor>', 'nonzeros allowed, as a multiple of those given')
        .argParser((text: string) => realNumber('--max-nonzeros', 0.5, 10)(text.replace(/x$/, '')))
        .default(1.5),
    )
    .addOption(budgetOption().default(undefined, 'one minute for each factorization'))
    .addOption(
      new Option(
        '--chains <count>',
        'stop after so many chains of annealing in all; the same count repeats the same result',
      ).argParser(wholeNumber('--chains', 1, 1e9)),
    )
    .addOption(new Option('--no-flips', 'only change bases, which stays in the orbit of what was given'))
    .addOption(seedOption().default(1))
    .addOption(new Option('--run-dir <dir>', 'folder of the run (default: runs/<date>-refine)'))
    .addOption(new Option('--resume', 'continue the run in --run-dir'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  at-trainer refine winograd --budget 5s
  at-trainer refine 'factorizations_r.npz#3,3,3' 'factorizations_r.npz#4,4,4' --budget 60s --run-dir runs/accurate
  at-trainer refine --run-dir runs/accurate --resume --budget 5m`,
    );
  return command.action((names: string[], options: RefineCommandOptions) => refine(command, names, options));
}

async function refine(command: Command, names: readonly string[], options: RefineCommandOptions): Promise<void> {
  checkResume(command, options, ['chains']);
  const refinement = options.resume ? await reopen(names, options.runDir as string) : await create(names, options);
  const { runDir, saved } = refinement;
  const { budget: budgetSeconds, chains } = options;
  const signal = interruptSignal();
  let shown: Progress | undefined;
  const running = runRefinement(refinement, {
    ...{ budgetSeconds, chains, signal },
    hooks: {
      onStart: (name, index, count) => {
        shown = progress(`refining ${name}${count > 1 ? ` (${index + 1} of ${count})` : ''}`);
      },
      onProgress: (now) => shown?.update(now.fraction, refiningWords(now)),
      onRefined: (refined) => {
        shown?.stop();
        if (!options.json) for (const line of refinedLines(refined)) print(line);
      },
    },
  });
  const results = await running.finally(() => shown?.stop());
  const { seed, maxNonzeros, flips } = saved;
  if (options.json) printJson({ seed, maxNonzeros, flips, results, runDir });
  else print(`run        ${runDir}`);
  if (signal.aborted) noteStopped('refine', runDir);
}

function create(names: readonly string[], options: RefineCommandOptions) {
  if (names.length === 0) {
    throw new AlphaTensorError('INVALID_ARGUMENT', 'Nothing to refine: name a factorization, for example winograd.', {
      field: 'factorization',
    });
  }
  return newRefinement(options.runDir ?? defaultRunDir('refine'), names, options);
}

function reopen(names: readonly string[], runDir: string) {
  if (names.length > 0) {
    throw new AlphaTensorError('INVALID_ARGUMENT', 'With --resume the run knows its factorizations; name none.', {
      field: 'factorization',
    });
  }
  return reopenRefinement(runDir);
}
