import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AlphaTensorError,
  type DispatchProblem,
  type FactorizationRecord,
  loadFactorizations,
  OPTION_WORDS,
  wholeNumber,
} from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import { chooseBackend } from '../fleet/backend-choice.js';
import { resolveVariant } from '../fleet/measurement-key.js';
import { createRunFolder, defaultRunDir, lockRunFolder, writeRunConfig } from '../run/folder.js';
import { ALGORITHMS_FOLDER } from '../tune/dispatch.js';
import { connectAgents, LOCAL_AGENT } from './fleet-session.js';
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
import { interruptSignal, note, printOutcome } from './output.js';
import { checkResume } from './training-options.js';
import { PROGRAM_VERSION } from './training-output.js';
import { printTable, runTune, saveAlgorithms } from './tune-run.js';
import { parseLevelRange, parseTunedProblem, reopenTuning, type TuneSettings } from './tune-settings.js';

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
  const saved = options.resume ? reopenTuning(options.runDir as string) : undefined;
  const records = saved === undefined ? await readSources(sources) : [];
  const problems = (options.problem ?? ['1024']).map((text) => parseTunedProblem(text, options.dtype, options.threads));
  const agent = options.agent ?? saved?.agent ?? LOCAL_AGENT;
  const pool = await connectAgents([agent]);
  let lock: { release(): void } | undefined;
  try {
    const backend = chooseBackend(pool, saved?.backend ?? options.backend);
    const named = options.variant === undefined ? {} : { variant: options.variant };
    const variant = resolveVariant({ backend, ...named }, pool.agents[0].description);
    const settings: TuneSettings = saved ?? {
      agent,
      backend,
      variant,
      problems,
      levels: options.levels,
      mixed: options.mixed === true,
      // Only a packed program has plans.
      tunePlans: variant === 'packed' ? options.tunePlans : 0,
      seed: options.seed,
      ...(options.budget === undefined ? {} : { secondsForEach: options.budget / problems.length }),
    };
    const runDir = options.runDir ?? defaultRunDir('tune');
    if (saved === undefined) createRunFolder(runDir);
    lock = lockRunFolder(runDir);
    if (saved === undefined) await begin(runDir, settings, records, sources);
    const interrupted = interruptSignal();
    const timeIsUp = options.budget === undefined ? [] : [AbortSignal.timeout(options.budget * 1000)];
    const result = await runTune(runDir, settings, pool, AbortSignal.any([interrupted, ...timeIsUp]));
    if (result.failures > 0) note(`warning: ${result.failures} measurements came to no outcome`);
    const again = `at-trainer tune --resume --run-dir ${runDir}`;
    const failure =
      result.unfinished > 0 && !interrupted.aborted
        ? new AlphaTensorError(
            'GOAL_MISSED',
            `${result.unfinished} of ${settings.problems.length} problems were not measured to the end; go on with ${again}.`,
          )
        : undefined;
    printOutcome(result, failure, options.json ? undefined : () => printTable(result));
    if (interrupted.aborted) {
      note(`stopped; go on with ${again}`);
      process.exitCode = 130;
    }
  } finally {
    lock?.release();
    pool.close();
  }
}

/** The configuration comes last: with it there is a run to go on with. */
async function begin(
  runDir: string,
  settings: TuneSettings,
  records: readonly FactorizationRecord[],
  sources: readonly string[],
): Promise<void> {
  await saveAlgorithms(runDir, records);
  writeRunConfig(runDir, {
    command: 'tune',
    seed: settings.seed,
    startedAt: new Date().toISOString(),
    version: PROGRAM_VERSION,
    // Nothing is found here: all of it was known before.
    demonstrations: sources.length > 0 ? sources : BUILT_IN,
    tune: settings,
  });
}

/** @throws AlphaTensorError NOT_FOUND for a folder without factorizations, and as loadFactorizations */
async function readSources(sources: readonly string[]): Promise<FactorizationRecord[]> {
  const specs = await Promise.all((sources.length > 0 ? sources : BUILT_IN).map(expandFolder));
  return (await Promise.all(specs.flat().map((spec) => loadFactorizations(spec)))).flat();
}

async function expandFolder(source: string): Promise<string[]> {
  if (!existsSync(source) || !statSync(source).isDirectory()) return [source];
  const folder = ['factorizations', ALGORITHMS_FOLDER]
    .map((name) => join(source, name))
    .find((path) => existsSync(path));
  const names = folder === undefined ? [] : (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  if (folder === undefined || names.length === 0) {
    throw new AlphaTensorError(
      'NOT_FOUND',
      `${source} is a folder without factorizations; give the folder of a run that found some, or a file.`,
      { field: 'factorization' },
    );
  }
  return names.map((name) => join(folder, name));
}
