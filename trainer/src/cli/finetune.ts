import {
  OPTION_WORDS,
  parseDuration,
  parseWorkspaceBound,
  realNumber,
  type WorkspaceBound,
  wholeNumber,
} from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import type { DType } from '../fleet/measurement.js';
import { parseProblem, parseWeightedProblem } from '../fleet/problem.js';
import { LOCAL_AGENT } from '../fleet/session.js';
import { formatTable } from '../report/terminal.js';
import { writeRunReport } from '../report/write.js';
import { createRunFolder, defaultRunDir } from '../run/folder.js';
import { finetuneRunOf } from '../training/finetune-config.js';
import { fastestLines } from '../training/finetune-words.js';
import { reopenFinetune } from '../training/reopen.js';
import { FinetuneView } from './finetune-view.js';
import {
  agentOption,
  collect,
  dtypeOption,
  levelsOption,
  maxErrorOption,
  poolOption,
  threadsOption,
  variantOption,
} from './options.js';
import { interruptSignal, note, print, printAnswer, printJson, terminalWidth } from './output.js';
import { checkResume, noteStopped } from './runs.js';
import { addTrainingOptions, type TrainingCommandOptions, trainingConfigOf } from './training-options.js';

interface FinetuneCommandOptions extends TrainingCommandOptions {
  readonly agent?: string[];
  readonly pool?: boolean;
  readonly problem?: string[];
  readonly reportProblem?: string[];
  readonly dtype: DType;
  readonly threads: number;
  readonly backend?: string[];
  readonly variant?: string;
  readonly levels: number;
  readonly lambda?: number;
  readonly maxError: number | null;
  readonly maxWorkspace?: WorkspaceBound;
  readonly localMoves?: boolean;
  readonly insideGames: number;
  readonly reportBudget: number;
}

/** The seconds of timing for a measurement of the report. */
const REPORT_SECONDS = 20;

export function finetuneCommand(): Command {
  const command = addTrainingOptions(
    new Command('finetune')
      .summary('search with the measured latency in the reward')
      .description(
        'Trains and searches like `train`, sends what it finds to agents and puts the measured latency into the reward, r + lambda * b with b = -min(t / t_baseline, 4), or -4 for what exceeds --max-error. Ends with a report.',
      ),
  )
    .addOption(agentOption())
    .addOption(poolOption())
    .addOption(
      new Option(
        '--problem <MxKxN[@weight]>',
        'what the reward is measured on, for example 2048x2048x2048, 2048, or 2048@0.5 to count half as much as others; repeatable (default: 1024)',
      ).argParser(collect),
    )
    .addOption(
      new Option(
        '--report-problem <MxKxN>',
        'what the best and the references are measured on at the end (default: the problems); repeatable',
      ).argParser(collect),
    )
    .addOption(dtypeOption())
    .addOption(threadsOption())
    .addOption(
      new Option(
        '--backend <[agent=]name>',
        'the compiler of all agents, or of one, for example c-gcc or laptop=jax (default: the first that works on all, ' +
          'else the only one that an agent has); repeatable',
      ).argParser(collect),
    )
    .addOption(variantOption())
    .addOption(levelsOption())
    .addOption(
      new Option(
        '--lambda <weight>',
        'weight of the latency (default: the best known rank, as one multiplication is about 1/rank of the time)',
      ).argParser(realNumber('--lambda', 0, 10_000)),
    )
    .addOption(maxErrorOption())
    .addOption(
      new Option(
        '--max-workspace <bound>',
        `${OPTION_WORDS.maxWorkspace}; what cannot keep within it gets b = -4 (default: none)`,
      ).argParser(parseWorkspaceBound),
    )
    .addOption(
      new Option(
        '--local-moves',
        'also measure symmetries and flips of the fastest algorithm so far, mostly those that are predicted to be faster',
      ),
    )
    .addOption(
      new Option(
        '--inside-games <n>',
        'further games in each round that begin inside one of the best algorithms, for sizes whose games are seldom solved from the opening',
      )
        .argParser(wholeNumber('--inside-games', 0, 1000))
        .default(0),
    )
    .addOption(
      new Option('--report-budget <duration>', 'time for one measurement of the report at most')
        .argParser(parseDuration)
        .default(REPORT_SECONDS, `${REPORT_SECONDS}s`),
    )
    .addHelpText(
      'after',
      `
Games are played in one thread: the latency in the reward is estimated from measurements that arrive in it.

Examples:
  at-trainer finetune --size 2,2,2 --agent 127.0.0.1:50051 --problem 1024 --budget 10m
  at-trainer finetune --agent laptop --agent server --problem 1024 --problem 2048x512x2048@0.5 --budget 1h
  at-trainer finetune --agent laptop --agent xla --backend laptop=c-gcc --backend xla=jax --problem 1024 --budget 1h
  at-trainer finetune --run-dir runs/laptop --resume --budget 10m`,
    );
  return command.action((options: FinetuneCommandOptions) => runCommand(command, options));
}

async function runCommand(command: Command, options: FinetuneCommandOptions): Promise<void> {
  checkResume(command, options);
  const resume = options.resume === true;
  const { runDir, ...run } = resume ? reopen(options) : await create(command, options);
  const signal = interruptSignal();
  // Loaded only here, as TensorFlow.js takes a second to load and other commands do not need it.
  const { runFinetune } = await import('../training/finetune-run.js');
  const view = new FinetuneView(options.budget);
  const running = runFinetune(run, { runDir, budget: options.budget, resume, signal, hooks: view.hooks });
  const result = await running.finally(() => view.stop());
  const { report, paths } = await writeRunReport(runDir);
  if (options.json) printJson({ ...result, runDir, report: paths });
  else {
    printAnswer(formatTable(report, terminalWidth()));
    for (const line of fastestLines(result)) print(line);
    print(`run     ${runDir}`);
    print(`report  ${paths.html}`);
  }
  if (result.missing > 0) note(`warning: ${result.missing} measurements for the report had no outcome`);
  if (signal.aborted) noteStopped('finetune', runDir);
}

async function create(command: Command, options: FinetuneCommandOptions) {
  const wanted = await trainingConfigOf(command, options);
  const { agent, backend, variant, checkpoint, dtype, threads, levels } = options;
  const run = finetuneRunOf(wanted, {
    pool: options.pool === true,
    ...{ agents: agent ?? [LOCAL_AGENT], backends: backend, variant, checkpoint, depth: levels },
    lambda: options.lambda,
    maxError: options.maxError,
    maxWorkspace: options.maxWorkspace,
    problems: (options.problem ?? ['1024']).map((text) => parseWeightedProblem(text, dtype, threads)),
    reportProblems: options.reportProblem?.map((text) => parseProblem(text, dtype, threads)),
    reportSeconds: options.reportBudget,
    localMoves: options.localMoves === true,
    insideGames: options.insideGames,
  });
  const runDir = options.runDir ?? defaultRunDir(run.config.size);
  createRunFolder(runDir);
  return { ...run, runDir };
}

function reopen({ runDir, agent }: FinetuneCommandOptions) {
  const folder = runDir as string;
  return { ...reopenFinetune(folder, agent), runDir: folder };
}
