import {
  AlphaTensorError,
  type DispatchProblem,
  OPTION_WORDS,
  PREFERENCES,
  type Preference,
  parseWorkspaceTimes,
  wholeNumber,
} from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import { resolveAgent } from '../fleet/agent-registry.js';
import { ownAgent } from '../fleet/local/own-agent.js';
import { connectAgents, LOCAL_AGENT } from '../fleet/session.js';
import { modelGainSentence } from '../report/model-gain-words.js';
import { programGainLines } from '../report/program-gain-words.js';
import { formatAnswer } from '../report/terminal.js';
import { writeRunReport } from '../report/write.js';
import { defaultRunDir } from '../run/folder.js';
import { CATALOGUE, newTuneRun, reopenTuneRun, runTuning } from '../run/tune-run.js';
import { type TunedModel, tunedModelOf } from '../run/tuned-model.js';
import { readTunedProgram } from '../run/tuned-program.js';
import type { NamedSize } from '../shapes/bindings.js';
import { formatPercent } from '../shapes/lines.js';
import { readModelProducts } from '../shapes/model-products.js';
import { dispatchLines } from '../tune/dispatch.js';
import { modelProblems } from '../tune/model-problems.js';
import { parseLevelRange, parseTunedProblem } from '../tune/problems.js';
import {
  backendOption,
  budgetOption,
  collect,
  dimOption,
  dtypeOption,
  jsonOption,
  maxErrorOption,
  seedOption,
  threadsOption,
  variantOption,
} from './options.js';
import { interruptSignal, lazyProgress, note, print, printAnswer, printOutcome, terminalWidth } from './output.js';
import { noteOtherDevice, prepareToAccelerate, programOf, tunedOf } from './program.js';
import { checkResume, continueWords, noteStopped } from './runs.js';

/** Combinations that the first round of a problem times where nothing else is asked for. */
const DEFAULT_CANDIDATES = 24;

interface TuneCommandOptions {
  readonly agent?: string;
  readonly problem?: string[];
  readonly model?: string;
  readonly profile?: string;
  readonly dim?: readonly NamedSize[];
  readonly dtype: DispatchProblem['dtype'];
  readonly threads: number;
  readonly backend?: string;
  readonly variant?: string;
  readonly levels: [number, number];
  readonly mixed: boolean;
  readonly candidates: number;
  readonly maxError: number | null;
  readonly prefer: Preference;
  readonly tunePlans: number;
  readonly maxWorkspace: number;
  readonly budget?: number;
  readonly seed: number;
  readonly runDir?: string;
  readonly resume?: boolean;
  readonly json?: boolean;
}

export function tuneCommand(): Command {
  const command = new Command('tune')
    .summary('find the fastest algorithm for each of your problems on one device')
    .description(
      'Searches algorithm, recursion levels and kernel plan for each problem by successive halving on the device and writes which to use where, dispatch.json, which `export --dispatch` turns into one C library.',
    )
    .argument(
      '[factorization...]',
      `${OPTION_WORDS.factorizations}; or the folder of a run (default: all of the ${CATALOGUE})`,
    )
    .addOption(
      new Option('--agent <address>', `the agent, HOST:PORT or a name from \`agents add\` (default: ${LOCAL_AGENT})`),
    )
    .addOption(
      new Option(
        '--problem <MxKxN[:dtype][:threads][:nt]>',
        `${OPTION_WORDS.problem}; repeatable (default: 1024)`,
      ).argParser(collect),
    )
    .addOption(
      new Option(
        '--model <file>',
        'tune the products of an ONNX model instead (default: --problem), the largest share of its arithmetic first, as many as the budget allows',
      ).conflicts(['problem', 'dtype']),
    )
    .addOption(
      new Option(
        '--profile <file>',
        'tune the products of a program instead (default: --problem), from at-agent profile, the largest share of its time first, as many as the budget allows; without --agent, on this machine, where the library for at-agent accelerate is built at the end',
      ).conflicts(['problem', 'model', 'dim', 'dtype', 'threads']),
    )
    .addOption(dimOption())
    .addOption(dtypeOption(['f32', 'f64']))
    .addOption(threadsOption())
    .addOption(backendOption())
    .addOption(variantOption())
    .addOption(
      new Option('--levels <range>', 'recursion levels to try; 0, the engine without an algorithm, is always tried')
        .argParser(parseLevelRange)
        .default(parseLevelRange('0..3'), '0..3'),
    )
    .addOption(new Option('--no-mixed', 'do not try one algorithm at the outer level and another inside'))
    // What it was called while it had to be asked for.
    .addOption(new Option('--mixed', 'the default').hideHelp())
    .addOption(
      new Option(
        '--candidates <count>',
        'combinations that the first round of a problem times at most; a model of the time chooses them',
      )
        .argParser(wholeNumber('--candidates', 1, 10_000))
        .default(DEFAULT_CANDIDATES),
    )
    .addOption(maxErrorOption())
    .addOption(
      new Option(
        '--prefer <what>',
        'fast: the fastest within the bound on the error; accurate: the most accurate within 1 % of it. The table holds both',
      )
        .choices([...PREFERENCES])
        .default('fast'),
    )
    .addOption(
      new Option(
        '--tune-plans <count>',
        'kernel plans (tile sizes) of the variant packed that the agent tries for each finalist',
      )
        .argParser(wholeNumber('--tune-plans', 0, 64))
        .default(8),
    )
    .addOption(
      new Option(
        '--max-workspace <times>',
        'most memory of a program beside A, B and C: a multiple of theirs, or none; an exported library is bounded to 1x unless told otherwise',
      )
        .argParser(parseWorkspaceTimes)
        .default(1, '1x'),
    )
    .addOption(budgetOption('no limit'))
    .addOption(seedOption().default(1))
    .addOption(new Option('--run-dir <dir>', 'folder of the run (default: runs/<date>-tune)'))
    .addOption(new Option('--resume', 'continue the run in --run-dir; measures nothing twice'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  at-trainer tune --agent laptop --problem 1024 --problem 2048x512x2048 --budget 10m --run-dir runs/laptop-tune
  at-trainer tune --agent laptop --problem 2048 --max-error 3x --prefer accurate
  at-trainer tune runs/found factorizations_r.npz#4,4,4 --agent laptop --problem 4096:f64:2
  at-trainer tune --agent laptop --model bert.onnx --dim batch=8 --dim sequence=512 --threads 2 --budget 10m
  at-trainer tune --profile gemm-profile.json --budget 10m
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
      'A resumed run keeps the algorithms it began with; leave them out or start a new run.',
      { field: 'factorization' },
    );
  }
  const { run, agent } = options.resume ? reopen(options) : await create(sources, options);
  const { runDir } = run;
  const program = 'wishes' in run ? run.program : readTunedProgram(runDir);
  // Only where no agent is named is it this machine that is meant.
  const isOwn = program !== undefined && agent === LOCAL_AGENT && options.agent === undefined;
  const { pool, close } = isOwn ? await ownAgent(program.libraries, note) : await connectTo(agent);
  if (program !== undefined) noteOtherDevice(program, pool.agents[0].description);
  const signal = interruptSignal();
  const bar = lazyProgress('tuning');
  const tuning = runTuning(run, {
    ...{ pool, signal, budgetSeconds: options.budget },
    ...{ onProgress: bar.update, onMessage: note },
  });
  const { dispatch, entries, unfinished, failures } = await tuning.finally(async () => {
    bar.stop();
    await close();
  });
  const { paths: report, report: made } = await writeRunReport(runDir);
  const { modelGains, programGains } = made;
  if (failures > 0) note(`warning: ${failures} measurements had no outcome`);
  const failure =
    unfinished > 0 && !signal.aborted
      ? new AlphaTensorError(
          'GOAL_MISSED',
          `${unfinished} of ${entries.length} problems were not measured to the end; ${continueWords('tune', runDir)}.`,
        )
      : undefined;
  const asText = (): void => {
    printAnswer(formatAnswer(made, terminalWidth()));
    for (const line of dispatchLines(entries)) print(line);
    for (const gain of modelGains) print(modelGainSentence(gain));
    for (const line of programGains.flatMap(programGainLines)) print(line);
    print(`dispatch  ${dispatch}`);
    print(`report    ${report.html}`);
  };
  const document = {
    runDir,
    dispatch,
    report,
    entries,
    models: modelGains,
    programs: programGains,
    unfinished,
    failures,
  };
  if (program !== undefined && !signal.aborted) await prepareToAccelerate(dispatch, entries, isOwn || isHere(agent));
  printOutcome(document, failure, options.json ? undefined : asText);
  if (signal.aborted) noteStopped('tune', runDir);
}

async function create(sources: readonly string[], options: TuneCommandOptions) {
  const { agent = LOCAL_AGENT, backend, variant, levels, tunePlans, seed, mixed } = options;
  const { maxError, prefer, candidates } = options;
  const workspaceTimes = options.maxWorkspace === 0 ? null : options.maxWorkspace;
  const model = options.model === undefined ? undefined : modelOf(options.model, options);
  const program = options.profile === undefined ? undefined : programOf(options.profile, options.budget);
  const problems = model?.products.flatMap(({ problem }) => problem ?? []) ?? tunedOf(program) ?? problemsOf(options);
  const run = await newTuneRun(
    options.runDir ?? defaultRunDir('tune'),
    sources,
    {
      ...{ agent, problems, backend, variant, levels, tunePlans, seed, mixed, maxError, prefer, candidates },
      workspaceTimes,
    },
    { model, program },
  );
  return { run, agent };
}

function problemsOf({ problem = ['1024'], dim, dtype, threads }: TuneCommandOptions): DispatchProblem[] {
  if (dim !== undefined) {
    throw new AlphaTensorError('INVALID_ARGUMENT', '--dim is for --model; add it.', { field: '--dim' });
  }
  return problem.map((text) => parseTunedProblem(text, dtype, threads));
}

/** Reads a model, says what is left out of it, and chooses what is tuned. */
function modelOf(path: string, { dim = [], threads, budget }: TuneCommandOptions): TunedModel {
  const found = readModelProducts(path, dim);
  for (const line of found.notes) note(`note: ${line}`);
  const model = tunedModelOf(found, modelProblems(found.products, { threads, seconds: budget }));
  const tuned = model.products.filter(({ problem }) => problem !== null);
  if (tuned.length === 0) {
    const [first] = model.products;
    const why =
      first === undefined
        ? 'it makes no products'
        : `of its largest product ${first.m}x${first.k}x${first.n}, ${first.leftOut}`;
    throw new AlphaTensorError('INVALID_ARGUMENT', `"${path}" has no product to tune: ${why}.`, { field: '--model' });
  }
  const share = tuned.reduce((sum, one) => sum + one.share, 0);
  note(
    `${path}: ${tuned.length} of ${model.products.length} shapes are tuned, ${formatPercent(share)} of the arithmetic`,
  );
  return model;
}

/** Tells whether an agent seems to be on this machine. Where a port is forwarded to another, at-agent refuses the table. */
function isHere(agent: string): boolean {
  return /^(127\.|localhost:|\[::1\])/.test(resolveAgent(agent));
}

async function connectTo(agent: string) {
  const pool = await connectAgents([agent], { onMessage: note });
  return { pool, close: async () => pool.close() };
}

function reopen({ runDir, agent }: TuneCommandOptions) {
  const run = reopenTuneRun(runDir as string);
  return { run, agent: agent ?? run.settings.agent };
}
