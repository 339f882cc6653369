import {
  AlphaTensorError,
  bestKnownRank,
  formatSize,
  LIMITS,
  parseDuration,
  realNumber,
} from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import type { TrainingConfig } from '../config.js';
import type { DType, ProblemSpec } from '../fleet/measurement.js';
import { formatTable } from '../report/terminal.js';
import { createRunFolder, defaultRunDir, readRunConfig } from '../run/folder.js';
import type { FinetuneResult } from '../training/finetune.js';
import type { WeightedProblem } from '../training/latency-models.js';
import type { FinetuneSettings } from './finetune-settings.js';
import { parseSavedRun } from './finetune-settings.js';
import { LOCAL_AGENT } from './fleet-session.js';
import {
  agentOption,
  collect,
  dtypeOption,
  levelsOption,
  parseProblem,
  threadsOption,
  variantOption,
} from './options.js';
import { interruptSignal, note, print, printJson } from './output.js';
import { addTrainingOptions, checkResume, type TrainingCommandOptions, trainingConfigOf } from './training-options.js';

interface FinetuneCommandOptions extends TrainingCommandOptions {
  readonly agent?: string[];
  readonly problem?: string[];
  readonly reportProblem?: string[];
  readonly dtype: DType;
  readonly threads: number;
  readonly backend?: string[];
  readonly variant?: string;
  readonly levels: number;
  readonly lambda?: number;
  readonly localMoves?: boolean;
  readonly reportBudget: number;
}

/** Seconds of timing for one measurement: short where it is only a reward, longer where a person reads it. */
const REWARD_SECONDS = 3;
const REPORT_SECONDS = 20;
/** Of what a run found, the fastest so many are measured for the report. */
const REPORTED = 2;

export function finetuneCommand(): Command {
  const command = addTrainingOptions(
    new Command('finetune')
      .summary('search with the measured latency in the reward')
      .description(
        'Trains and searches like `train`, sends what it finds to agents and puts the measured latency into the reward, r + lambda * b with b = -min(t / t_baseline, 4). Ends with a report.',
      ),
  )
    .addOption(agentOption())
    .addOption(
      new Option(
        '--problem <MxKxN[@weight]>',
        'what the reward is measured on, for example 2048x2048x2048, 2048, or 2048@0.5 to count half as much as others; repeatable',
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
    .addOption(
      new Option(
        '--local-moves',
        'while agents are idle, also measure symmetries and flips of the fastest algorithm so far',
      ),
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
  const { config, settings, runDir } = options.resume ? reopen(options) : await create(command, options);
  const signal = interruptSignal();
  // Loaded only here: TensorFlow.js takes a second that the other commands need not wait for.
  const { runFinetune } = await import('./finetune-run.js');
  const { result, report, paths } = await runFinetune(config, settings, {
    runDir,
    budget: options.budget,
    resume: options.resume === true,
    signal,
  });
  if (options.json) printJson({ ...result, runDir, report: paths });
  else {
    print(formatTable(report));
    for (const line of bestLines(result)) print(line);
    print(`run     ${runDir}`);
    print(`report  ${paths.html}`);
  }
  if (result.missing > 0) note(`warning: ${result.missing} measurements for the report had no outcome`);
  if (signal.aborted) {
    note(`stopped; continue with at-trainer finetune --resume --run-dir ${runDir}`);
    process.exitCode = 130;
  }
}

/** With several devices, the fastest of the search on each. */
function bestLines({ byDevice }: FinetuneResult): string[] {
  if (byDevice.length < 2) return [];
  return byDevice.map(({ agents, ranked: [best] }) => {
    const fastest =
      best && `${best.hash.slice(0, 6)} of rank ${best.rank}, ${best.relativeTime.toFixed(3)} of the baseline's time`;
    return `fastest on ${agents.join(', ')}: ${fastest ?? 'nothing measured'} (short measurements of the reward)`;
  });
}

async function create(command: Command, options: FinetuneCommandOptions) {
  const wanted = await trainingConfigOf(command, options);
  // One multiplication of R is about 1/R of the time, so R weighs a rank and the time it saves alike.
  const lambda = options.lambda ?? bestKnownRank(wanted.size);
  const config = forFinetuning(wanted, { isTrained: options.checkpoint !== undefined, lambda });
  requireMeasurable(config, options.levels);
  const problemOf = (text: string) => parseProblem(text, options.dtype, options.threads);
  const weighted = (options.problem ?? ['1024']).map((text) => parseWeighted(text, problemOf));
  const problems = weighted.map(({ problem }) => problem);
  const settings: FinetuneSettings = {
    agents: options.agent ?? [LOCAL_AGENT],
    ...(options.backend === undefined ? {} : { backends: options.backend }),
    ...(options.variant === undefined ? {} : { variant: options.variant }),
    ...(options.checkpoint === undefined ? {} : { checkpoint: options.checkpoint }),
    lambda,
    problems,
    problemWeights: weighted.map(({ weight }) => weight),
    reportProblems: options.reportProblem?.map(problemOf) ?? problems,
    depth: options.levels,
    rewardProtocol: { budgetSeconds: REWARD_SECONDS, minRounds: 0 },
    reportProtocol: { budgetSeconds: options.reportBudget, minRounds: 0 },
    reportedCount: REPORTED,
    localMoves: options.localMoves === true,
  };
  const runDir = options.runDir ?? defaultRunDir(config.size);
  createRunFolder(runDir);
  return { config, settings, runDir };
}

/** `2048@0.5`: a problem and what it counts in the reward, 1 if nothing is said. @throws AlphaTensorError INVALID_ARGUMENT */
function parseWeighted(text: string, problemOf: (text: string) => ProblemSpec): WeightedProblem {
  const [problem, weight, ...rest] = text.split('@');
  const value = weight === undefined ? 1 : Number(weight.trim() || Number.NaN);
  if (rest.length > 0 || !(value > 0 && Number.isFinite(value))) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `"${text}" is not a problem with a weight; write MxKxN@WEIGHT such as 2048x2048x2048@0.5, the weight above 0.`,
      { field: '--problem' },
    );
  }
  return { problem: problemOf(problem), weight: value };
}

/** What no agent would take is refused before the search begins. @throws AlphaTensorError INVALID_ARGUMENT */
function requireMeasurable({ size, arithmetic }: TrainingConfig, levels: number): void {
  if (arithmetic !== 'standard') {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      'Factorizations modulo 2 do not multiply real matrices, so there is no latency to fine-tune for; use a checkpoint in standard arithmetic.',
      { field: '--checkpoint' },
    );
  }
  const rank = bestKnownRank(size) ** levels;
  if (rank > LIMITS.maxRank) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `${levels} levels of ${formatSize(size)} have rank ${rank} together even with the best algorithm known; at most ${LIMITS.maxRank} is accepted, so use fewer --levels.`,
      { field: '--levels' },
    );
  }
}

function reopen({ runDir, agent }: FinetuneCommandOptions) {
  const folder = runDir as string;
  const saved = parseSavedRun(readRunConfig(folder));
  if (saved === undefined) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `${folder} is not a run of at-trainer finetune; resume it with the command that began it.`,
      { field: '--run-dir' },
    );
  }
  const { config, settings } = saved;
  const agents = agent ?? settings.agents;
  // Those of agents that the run goes on without are of no use.
  const backends = settings.backends?.filter(
    (text) => !text.includes('=') || agents.some((name) => text.startsWith(`${name}=`)),
  );
  return { config, settings: { ...settings, agents, ...(backends && { backends }) }, runDir: folder };
}

/** Learner steps between two rounds of games, and between two checkpoints, of a network that can play already. */
const PLAY_EVERY = 10;
const SAVE_EVERY = 50;

/**
 * A network that comes from a checkpoint plays from the first step on, by tree search, and learns gently from its own
 * games; one that starts from nothing keeps its preset's schedule. Where the latency counts, it is shown its best factorizations
 * only under symmetries that keep their nonzeros (signs): a denser image is another algorithm, with another latency than the
 * reward says.
 */
export function forFinetuning(
  config: TrainingConfig,
  { isTrained, lambda }: { readonly isTrained: boolean; readonly lambda: number },
): TrainingConfig {
  const saved = {
    ...config,
    // Devices measure algorithms of the run's size; a checkpoint may have been trained for others, too.
    alsoSizes: [],
    acting: { ...config.acting, workers: 1 },
    checkpoints: { ...config.checkpoints, everySteps: SAVE_EVERY },
  };
  if (!isTrained) return saved;
  return {
    ...saved,
    learner: { ...config.learner, learningRate: config.learner.learningRate / 5 },
    acting: { ...saved.acting, mode: 'mcts', fromStep: 0, everySteps: PLAY_EVERY },
    ...(lambda > 0 ? { replay: { ...config.replay, symmetryOffDiagonal: 0 } } : {}),
  };
}
