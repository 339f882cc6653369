import { randomUUID } from 'node:crypto';
import type { Outcome } from '@alphatensor-edge/proto';
import {
  AlphaTensorError,
  boundBytes,
  type FactorizationRecord,
  laidOut,
  type NamedProblem,
  numberFormat,
  OPTION_WORDS,
  parseDuration,
  parseNamedProblem,
  parseWorkspaceBound,
  type VerifiedFactorization,
  type WorkspaceBound,
  wholeNumber,
} from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import { BACKENDS, DATA_TYPES, precisionOf } from '../backends/backends.js';
import { C_BACKENDS } from '../backends/c.js';
import { namedProblems } from '../blas/named.js';
import { readLevels } from '../export/levels.js';
import { requireFreeFolder } from '../export/write-library.js';
import { kernelPlanIn } from '../job/environment.js';
import { keepLibrary } from '../job/keep-library.js';
import { errorOf } from '../job/outcome-error.js';
import { runJob } from '../job/run-job.js';
import { resolveProtocol } from '../measure/protocol.js';
import type { KernelPlan } from '../plan/kernel-plan.js';
import { ELEMENT_BYTES, type NumberFormat } from '../plan/plan.js';
import { matrixBytes } from '../plan/workspace.js';
import { progressLine, summary } from './benchmark-text.js';
import { describeWritten } from './export.js';

interface BenchmarkOptions {
  /** A plan that was found before. It replaces the one that suits the caches. */
  readonly plan?: KernelPlan | undefined;
  readonly levels: number;
  readonly problem: NamedProblem<NumberFormat>;
  readonly dtype: NumberFormat;
  readonly threads: number;
  readonly backend: string;
  readonly variant?: string;
  readonly tunePlans?: number | undefined;
  readonly maxWorkspace?: WorkspaceBound;
  readonly budget?: number;
  readonly minRounds: number;
  readonly sustained?: number;
  readonly seed: number;
  readonly ownGemm?: true;
  readonly keep?: string;
  readonly json?: true;
}

/** Lists the variants of all backends. The agent knows which backend has which. */
const VARIANTS = [...new Set(BACKENDS.flatMap(({ variants }) => variants))];

const FORMATS = Object.keys(DATA_TYPES) as NumberFormat[];

const COMPILE_SECONDS = 120;
/** The bound on the workspace of a library that is kept, as a multiple of A, B and C. */
const LIBRARY_TIMES = 1;
const DEFAULT_BUDGET_SECONDS = 30;
/** The number of rounds of a sustained measurement: enough for an interval of its last third. */
const SUSTAINED_ROUNDS = 200;

/**
 * Makes `at-agent benchmark`, which measures one candidate on this device, without a server. The command fails unless
 * it was measured.
 */
export function benchmarkCommand(): Command {
  return new Command('benchmark')
    .description('time one algorithm against the fastest BLAS of this device')
    .argument(
      '<factorization...>',
      `recursion levels, outermost first: ${OPTION_WORDS.factorizations}; or "baseline" alone`,
    )
    .option('--levels <count>', OPTION_WORDS.levels, wholeNumber('--levels', 1, 6), 1)
    .requiredOption('--problem <MxKxN>', OPTION_WORDS.problem, (text: string) => parseNamedProblem(text, FORMATS))
    .addOption(
      new Option('--dtype <type>', OPTION_WORDS.dtype).choices(FORMATS).argParser(numberFormat(FORMATS)).default('f32'),
    )
    .option('--threads <count>', OPTION_WORDS.threads, wholeNumber('--threads', 1, 1024), 1)
    .addOption(
      new Option('--backend <name>', 'compiler to use')
        .choices(BACKENDS.map(({ name }) => name))
        .default(BACKENDS[0].name),
    )
    .addOption(
      new Option('--variant <name>', `${OPTION_WORDS.variant} (default: the backend's first)`).choices(VARIANTS),
    )
    .option('--tune-plans <count>', OPTION_WORDS.tunePlans, wholeNumber('--tune-plans', 1, 64))
    .option('--max-workspace <bound>', `${OPTION_WORDS.maxWorkspace} (default: none)`, parseWorkspaceBound)
    .option('--budget <duration>', `${OPTION_WORDS.measuringBudget} (default: 30s)`, parseDuration)
    .option('--min-rounds <count>', 'least number of rounds', wholeNumber('--min-rounds', 3, 1000), 10)
    .option('--sustained <duration>', OPTION_WORDS.sustained, parseDuration)
    .option('--seed <number>', OPTION_WORDS.seed, wholeNumber('--seed', 0, 2 ** 32 - 1), 0)
    .option('--own-gemm', 'also time the same engine with <1,1,1>')
    .option(
      '--keep <dir>',
      'write a C library to this folder (default: none is written); halves the problem until the crossover is known',
    )
    .option('--json', OPTION_WORDS.json)
    .addHelpText(
      'after',
      '\nExamples:\n  at-agent benchmark strassen --levels 2 --problem 4096x4096x4096\n' +
        '  at-agent benchmark found.json winograd --problem 2048x2048x2048 --dtype f64 --json\n' +
        '  at-agent benchmark winograd --levels 2 --problem 2048 --keep winograd2\n' +
        '  at-agent benchmark winograd --problem 512x4096x4096:f32:2:nt\n' +
        '  at-agent benchmark baseline --problem 1024x1024x1024',
    )
    .action(run);
}

async function run(names: string[], given: BenchmarkOptions): Promise<void> {
  const { dtype = given.dtype, threads = given.threads } = given.problem;
  const options = { ...given, dtype, threads };
  const records = await readLevelsOrBaseline(names, options.levels);
  if (options.keep !== undefined) await requireKeepable(records, options, options.keep);
  const levels = records.map(({ factorization }) => factorization);
  for (const problem of await namedProblems()) process.stderr.write(`note: ${problem}\n`);
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    const outcome = await measureOnce(levels, options, stop.signal);
    const plan = options.tunePlans === undefined ? undefined : kernelPlanIn(outcome);
    const { measurement, environment } = outcome;
    const library =
      measurement && options.keep !== undefined
        ? await keepLibrary(
            records,
            {
              ...options,
              plan,
              dtype: options.dtype === 'f64' ? 'f64' : 'f32',
              folder: options.keep,
              workspaceTimes: timesOf(options.maxWorkspace),
            },
            outcome,
            async (problem) => {
              // The library will have the plan found for the problem that was asked for, so this has it too.
              const smaller = await measureOnce(
                levels,
                { ...options, problem: { ...problem, ...laidOut(options.problem) }, tunePlans: undefined, plan },
                stop.signal,
              );
              if (!smaller.measurement) throw errorOf(smaller);
              return smaller;
            },
          )
        : undefined;
    if (options.json) process.stdout.write(`${JSON.stringify({ ...outcome, library }, null, 2)}\n`);
    if (!measurement || !environment) throw errorOf(outcome);
    if (options.json) return;
    process.stdout.write(`${summary(outcome, measurement, environment, levels, options.problem)}\n`);
    if (library) process.stdout.write(`${describeWritten(library)}\n`);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

async function measureOnce(
  levels: readonly VerifiedFactorization[],
  options: BenchmarkOptions,
  signal: AbortSignal,
): Promise<Outcome> {
  const tty = process.stderr.isTTY && !options.json;
  const { m, k, n } = options.problem;
  const outcome = await runJob(
    {
      jobId: randomUUID(),
      levels,
      problem: { m, k, n, dtype: options.dtype, threads: options.threads, ...laidOut(options.problem) },
      backend: options.backend,
      variant: options.variant ?? '',
      protocol: resolveProtocol(requested(options), precisionOf(options.backend, options.dtype)),
      compileTimeoutSeconds: COMPILE_SECONDS,
      tunePlans: options.tunePlans ?? 0,
      kernel: options.plan,
      maxWorkspaceBytes: boundBytes(
        options.maxWorkspace ?? (options.keep === undefined ? undefined : { timesMatrices: LIBRARY_TIMES }),
        matrixBytes(options.problem, ELEMENT_BYTES[options.dtype]),
      ),
    },
    {
      signal,
      onProgress: (progress) => {
        if (tty) process.stderr.write(`\r\u001b[K${progressLine(progress)}`);
      },
    },
  );
  if (tty) process.stderr.write('\r\u001b[K');
  return outcome;
}

/** Reads the levels. Empty for the baseline. */
async function readLevelsOrBaseline(names: readonly string[], repeat: number): Promise<FactorizationRecord[]> {
  if (names.length === 1 && names[0] === 'baseline') return [];
  if (names.includes('baseline')) {
    throw new AlphaTensorError('INVALID_ARGUMENT', 'Give "baseline" alone: the baseline has no recursion levels.');
  }
  return readLevels(names, repeat);
}

/** Refuses what cannot be kept as a library, before anything is measured. */
async function requireKeepable(levels: readonly unknown[], options: BenchmarkOptions, folder: string): Promise<void> {
  const refuse = (why: string): never => {
    throw new AlphaTensorError('INVALID_ARGUMENT', why, { field: '--keep' });
  };
  if (levels.length === 0) refuse('The baseline is in its library already; name an algorithm to keep.');
  if (!C_BACKENDS.some(({ name }) => name === options.backend)) {
    refuse('Only programs in C can be kept; measure with --backend c-gcc.');
  }
  if (options.variant === 'temporaries')
    refuse('Only programs of the variant packed can be kept; leave out --variant.');
  timesOf(options.maxWorkspace);
  await requireFreeFolder(folder, false);
}

/** Gives the bound of a library that is kept. @throws AlphaTensorError INVALID_ARGUMENT for bytes */
function timesOf(bound: WorkspaceBound | undefined): number {
  if (bound === undefined) return LIBRARY_TIMES;
  if ('timesMatrices' in bound) return bound.timesMatrices;
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    'A library that is kept serves every shape: bound its workspace to a multiple of A, B and C, such as 1x.',
    { field: '--max-workspace' },
  );
}

/** Makes the protocol. Zeros, which mean the default, stand for what the command line does not set. */
function requested(options: BenchmarkOptions): Parameters<typeof resolveProtocol>[0] {
  const { budget = DEFAULT_BUDGET_SECONDS, minRounds, seed, ownGemm, sustained = 0 } = options;
  return {
    minRounds,
    maxRounds: sustained > 0 ? 5 * SUSTAINED_ROUNDS : 0,
    // Longer samples rather than more, so that the load comes from the products and not from the bookkeeping.
    minSampleSeconds: sustained > 0 ? Math.min(10, Math.max(0.01, sustained / (2 * SUSTAINED_ROUNDS))) : 0,
    minWarmupSeconds: 0,
    targetRelativeHalfWidth: 0,
    budgetSeconds: budget,
    maxRelativeError: 0,
    seed,
    includeOwnGemm: ownGemm ?? false,
    includeFurtherInputs: true,
    minMeasuringSeconds: sustained,
  };
}
