import { join } from 'node:path';
import {
  AlphaTensorError,
  type DispatchEntry,
  type DispatchProblem,
  type FactorizationRecord,
  loadFactorizations,
  OPTION_WORDS,
  standard,
  wholeNumber,
} from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import type { AgentPool } from '../fleet/agent-pool.js';
import { chooseBackend } from '../fleet/backend-choice.js';
import { resolveVariant } from '../fleet/measurement-key.js';
import { MEASUREMENTS_FILE, MeasurementStore } from '../fleet/measurement-store.js';
import { connectAgents, LOCAL_AGENT } from '../fleet/session.js';
import { type ReportPaths, writeRunReport } from '../report/write.js';
import { beginning, reopenRun, writeRunConfig } from '../run/config.js';
import { createRunFolder, defaultRunDir, lockRunFolder } from '../run/folder.js';
import { algorithmSources, readAlgorithms, saveAlgorithms, writeDispatchTable } from '../run/tuning.js';
import { dispatchLines } from '../tune/dispatch.js';
import { parseLevelRange, parseTunedProblem } from '../tune/problems.js';
import { type TunedProblems, tuneProblems } from '../tune/session.js';
import type { TuneSettings } from '../tune/settings.js';
import {
  backendOption,
  budgetOption,
  dtypeOption,
  jsonOption,
  problemOption,
  seedOption,
  threadsOption,
  variantOption,
} from './options.js';
import { interruptSignal, lazyProgress, note, print, printOutcome } from './output.js';
import { checkResume, continueWords, noteStopped } from './runs.js';

interface TuneCommandOptions {
  readonly agent?: string;
  readonly problem?: string[];
  readonly dtype: DispatchProblem['dtype'];
  readonly threads: number;
  readonly backend?: string;
  readonly variant?: string;
  readonly levels: [number, number];
  readonly mixed?: boolean;
  readonly tunePlans: number;
  readonly budget?: number;
  readonly seed: number;
  readonly runDir?: string;
  readonly resume?: boolean;
  readonly json?: boolean;
}

/** What is tried where nothing is named. */
const BUILT_IN = ['strassen', 'winograd', 'laderman'];

export function tuneCommand(): Command {
  const command = new Command('tune')
    .summary('find the fastest algorithm for each of your problems on one device')
    .description(
      'Searches algorithm, recursion levels and kernel plan for each problem by successive halving on the device and writes which to use where, dispatch.json, which `export --dispatch` turns into one C library.',
    )
    .argument(
      '[factorization...]',
      `${OPTION_WORDS.factorizations}; or the folder of a run (default: ${BUILT_IN.join(', ')})`,
    )
    .addOption(new Option('--agent <address>', 'the agent, HOST:PORT or a name from `agents add`'))
    .addOption(problemOption())
    .addOption(dtypeOption().choices(['f32', 'f64']))
    .addOption(threadsOption())
    .addOption(backendOption())
    .addOption(variantOption())
    .addOption(
      new Option('--levels <range>', 'recursion levels to try; 0, the engine without an algorithm, is always tried')
        .argParser(parseLevelRange)
        .default(parseLevelRange('0..3'), '0..3'),
    )
    .addOption(new Option('--mixed', 'also try one algorithm over another'))
    .addOption(
      new Option(
        '--tune-plans <count>',
        'kernel plans (tile sizes) of the variant packed that the agent tries for each finalist',
      )
        .argParser(wholeNumber('--tune-plans', 0, 64))
        .default(8),
    )
    .addOption(budgetOption())
    .addOption(seedOption().default(1))
    .addOption(new Option('--run-dir <dir>', 'folder of the run (default: runs/<date>-tune)'))
    .addOption(new Option('--resume', 'continue the run in --run-dir; measures nothing twice'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  at-trainer tune --agent laptop --problem 1024 --problem 2048x512x2048 --budget 10m --run-dir runs/laptop-tune
  at-trainer tune runs/found factorizations_r.npz#4,4,4 --agent laptop --problem 4096:f64:2
  at-trainer tune --resume --run-dir runs/laptop-tune --budget 10m
  at-trainer export --dispatch runs/laptop-tune/dispatch.json --out fastmm`,
    );
  return command.action((sources: string[], options: TuneCommandOptions) => tune(command, sources, options));
}

async function tune(command: Command, sources: readonly string[], options: TuneCommandOptions): Promise<void> {
  checkResume(command, options);
  if (options.resume && sources.length > 0) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      'A run that goes on keeps the algorithms it began with; leave them out or start a new run.',
      { field: 'factorization' },
    );
  }
  const saved = options.resume ? reopenRun(options.runDir as string, 'tune').tune : undefined;
  const records = saved === undefined ? await readSources(sources) : [];
  const problems = (options.problem ?? ['1024']).map((text) => parseTunedProblem(text, options.dtype, options.threads));
  const agent = options.agent ?? saved?.agent ?? LOCAL_AGENT;
  const pool = await connectAgents([agent], { onMessage: note });
  let lock: { release(): void } | undefined;
  try {
    const settings = saved ?? settle(pool, agent, problems, options);
    const runDir = options.runDir ?? defaultRunDir('tune');
    if (saved === undefined) createRunFolder(runDir);
    lock = lockRunFolder(runDir);
    if (saved === undefined) await begin(runDir, settings, records, sources);
    const interrupted = interruptSignal();
    const timeIsUp = options.budget === undefined ? [] : [AbortSignal.timeout(options.budget * 1000)];
    const result = await search(runDir, settings, pool, AbortSignal.any([interrupted, ...timeIsUp]));
    if (result.failures > 0) note(`warning: ${result.failures} measurements came to no outcome`);
    const failure =
      result.unfinished > 0 && !interrupted.aborted
        ? new AlphaTensorError(
            'GOAL_MISSED',
            `${result.unfinished} of ${settings.problems.length} problems were not measured to the end; ${continueWords('tune', runDir)}.`,
          )
        : undefined;
    printOutcome(result, failure, options.json ? undefined : () => printResult(result));
    if (interrupted.aborted) noteStopped('tune', runDir);
  } finally {
    lock?.release();
    pool.close();
  }
}

function settle(
  pool: AgentPool,
  agent: string,
  problems: readonly DispatchProblem[],
  { backend: wanted, variant: wantedVariant, levels, mixed, tunePlans, seed, budget }: TuneCommandOptions,
): TuneSettings {
  const backend = chooseBackend(pool, wanted);
  const variant = resolveVariant({ backend, variant: wantedVariant }, pool.agents[0].description);
  return {
    ...{ agent, backend, variant, problems, levels, seed },
    mixed: mixed === true,
    // Only a packed program has plans.
    tunePlans: variant === 'packed' ? tunePlans : 0,
    secondsForEach: budget === undefined ? undefined : budget / problems.length,
  };
}

interface TuneResult extends Omit<TunedProblems, 'table'> {
  readonly runDir: string;
  readonly dispatch: string;
  readonly report: ReportPaths;
  readonly entries: readonly DispatchEntry[];
}

/** Tunes, and writes the table and the report of what there is. */
async function search(
  runDir: string,
  settings: TuneSettings,
  pool: AgentPool,
  signal: AbortSignal,
): Promise<TuneResult> {
  const records = await readAlgorithms(runDir);
  const store = MeasurementStore.open(join(runDir, MEASUREMENTS_FILE));
  const bar = lazyProgress('tuning');
  const tuning = tuneProblems(records, settings, { pool, store, signal, onProgress: bar.update, onMessage: note });
  const { table, unfinished, failures } = await tuning.finally(() => {
    bar.stop();
    store.close();
  });
  const dispatch = await writeDispatchTable(runDir, table);
  const { paths: report } = await writeRunReport(runDir);
  return { runDir, dispatch, report, entries: table.entries, unfinished, failures };
}

function printResult({ entries, dispatch, report }: TuneResult): void {
  for (const line of dispatchLines(entries)) print(line);
  print(`dispatch  ${dispatch}`);
  print(`report    ${report.html}`);
}

/** The configuration comes last: with it there is a run to go on with. */
async function begin(
  runDir: string,
  settings: TuneSettings,
  records: readonly FactorizationRecord[],
  sources: readonly string[],
): Promise<void> {
  const own: FactorizationRecord = { factorization: standard({ n: 1, m: 1, p: 1 }), origin: 'imported' };
  await saveAlgorithms(runDir, [...records, own]);
  writeRunConfig(runDir, {
    command: 'tune',
    seed: settings.seed,
    ...beginning(),
    // Nothing is found here: all of it was known before.
    demonstrations: sources.length > 0 ? sources : BUILT_IN,
    tune: settings,
  });
}

/** @throws AlphaTensorError NOT_FOUND for a folder without factorizations, and as loadFactorizations */
async function readSources(sources: readonly string[]): Promise<FactorizationRecord[]> {
  const specs = (sources.length > 0 ? sources : BUILT_IN).flatMap(algorithmSources);
  return (await Promise.all(specs.map((spec) => loadFactorizations(spec)))).flat();
}
