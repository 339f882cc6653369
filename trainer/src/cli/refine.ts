import {
  AlphaTensorError,
  OPTION_WORDS,
  parseDuration,
  realNumber,
  usableThreads,
  wholeNumber,
} from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import type { AgentPool } from '../fleet/agent-pool.js';
import type { DType } from '../fleet/measurement.js';
import { parseProblem } from '../fleet/problem.js';
import { connectAgents, SHORT_PATIENCE } from '../fleet/session.js';
import { refinedLines, refiningWords } from '../refine/words.js';
import { defaultRunDir } from '../run/folder.js';
import { newRefinement, reopenRefinement, runRefinement } from '../run/refinement.js';
import {
  backendOption,
  budgetOption,
  collect,
  dtypeOption,
  jsonOption,
  poolOption,
  problemOption,
  seedOption,
  threadsOption,
} from './options.js';
import { interruptSignal, note, type Progress, print, printJson, progress } from './output.js';
import { checkResume, noteStopped } from './runs.js';

interface RefineCommandOptions {
  readonly maxNonzeros: number;
  readonly budget?: number;
  readonly chains?: number;
  readonly flips: boolean;
  readonly seed: number;
  readonly workers: number;
  readonly agent?: string[];
  readonly pool?: boolean;
  readonly problem?: string[];
  readonly dtype: DType;
  readonly threads: number;
  readonly backend?: string;
  readonly measureBudget: number;
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
    .argument('[factorization...]', OPTION_WORDS.factorizations)
    .addOption(
      new Option('--max-nonzeros <factor>', 'nonzeros allowed, as a multiple of those given')
        .argParser((text: string) => realNumber('--max-nonzeros', 0.5, 10)(text.replace(/x$/, '')))
        .default(1.5),
    )
    .addOption(budgetOption('one minute for each factorization'))
    .addOption(
      new Option(
        '--chains <count>',
        'stop after so many chains of annealing in all, rounded up to rounds of 8; the same count repeats the same result (default: as many as the budget allows)',
      ).argParser(wholeNumber('--chains', 1, 1e9)),
    )
    .addOption(new Option('--no-flips', 'only change bases, which stays in the orbit of what was given'))
    .addOption(
      new Option('--workers <count>', 'threads that search; the result of the same chains does not depend on them')
        .argParser(wholeNumber('--workers', 1, 64))
        .default(usableThreads(), 'one for each core that this process may use'),
    )
    .addOption(
      new Option(
        '--agent <address>',
        'also measure the front on an agent, HOST:PORT or a name from `agents add` (default: none measures); repeatable',
      ).argParser(collect),
    )
    .addOption(poolOption())
    .addOption(problemOption())
    .addOption(dtypeOption())
    .addOption(threadsOption())
    .addOption(backendOption())
    .addOption(
      new Option('--measure-budget <duration>', OPTION_WORDS.measuringBudget)
        .argParser(parseDuration)
        .default(10, '10s'),
    )
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
  at-trainer refine winograd --budget 10s --agent 127.0.0.1:50051 --problem 2048
  at-trainer refine --run-dir runs/accurate --resume --budget 5m`,
    );
  return command.action((names: string[], options: RefineCommandOptions) => refine(command, names, options));
}

async function refine(command: Command, names: readonly string[], options: RefineCommandOptions): Promise<void> {
  checkResume(command, options, [
    'chains',
    'workers',
    'agent',
    'pool',
    'problem',
    'dtype',
    'threads',
    'backend',
    'measureBudget',
  ]);
  for (const field of ['problem', 'pool'] as const) {
    if (options.agent !== undefined || options[field] === undefined) continue;
    const what = { problem: 'what an agent is', pool: 'how agents are' }[field];
    const message = `--${field} says ${what} to measure; name one with --agent.`;
    throw new AlphaTensorError('INVALID_ARGUMENT', message, { field });
  }
  // Agents are met first: a name with a mistake should not cost a search.
  const pool =
    options.agent && (await connectAgents(options.agent, { ...SHORT_PATIENCE, share: options.pool, onMessage: note }));
  try {
    await search(names, options, pool);
  } finally {
    pool?.close();
  }
}

async function search(
  names: readonly string[],
  options: RefineCommandOptions,
  pool: AgentPool | undefined,
): Promise<void> {
  const refinement = options.resume ? await reopen(names, options.runDir as string) : await create(names, options);
  const { runDir, saved } = refinement;
  const { budget: budgetSeconds, chains, workers } = options;
  const signal = interruptSignal();
  let shown: Progress | undefined;
  let failures = 0;
  const running = runRefinement(refinement, {
    ...{ budgetSeconds, chains, workers, signal },
    measuring: pool && {
      ...{ pool, backend: options.backend, budgetSeconds: options.measureBudget },
      problems: (options.problem ?? ['1024']).map((text) => parseProblem(text, options.dtype, options.threads)),
      onProgress: (fraction, what) => shown?.update(fraction, what),
      onFailure: (message) => {
        failures++;
        note(`error: ${message}`);
      },
    },
    hooks: {
      onStart: (name, index, count) => {
        shown = progress(`refining ${name}${count > 1 ? ` (${index + 1} of ${count})` : ''}`);
      },
      onProgress: (now) => shown?.update(now.fraction, refiningWords(now)),
      onRefined: (refined) => {
        shown?.stop();
        if (!options.json) for (const line of refinedLines(refined)) print(line);
      },
      onMessage: note,
    },
  });
  const results = await running.finally(() => shown?.stop());
  const { seed, maxNonzeros, flips } = saved;
  if (options.json) printJson({ seed, maxNonzeros, flips, results, runDir });
  else print(`run        ${runDir}`);
  if (signal.aborted) noteStopped('refine', runDir);
  else if (failures > 0) process.exitCode = 1;
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
