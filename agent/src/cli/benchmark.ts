import { randomUUID } from 'node:crypto';
import { blasName, type Environment, type Measurement, type Outcome } from '@alphatensor-edge/proto';
import {
  AlphaTensorError,
  type FactorizationRecord,
  formatSize,
  OPTION_WORDS,
  parseDimensions,
  parseDuration,
  type VerifiedFactorization,
  wholeNumber,
} from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import { BACKENDS, DATA_TYPES, precisionOf } from '../backends/backends.js';
import { C_BACKENDS } from '../backends/c.js';
import { readLevels } from '../export/levels.js';
import { requireFreeFolder } from '../export/write-library.js';
import type { Progress } from '../job/job.js';
import { keepLibrary } from '../job/keep-library.js';
import { runJob } from '../job/run-job.js';
import { resolveProtocol } from '../measure/protocol.js';
import type { KernelPlan } from '../plan/kernel-plan.js';
import type { Dimensions, NumberFormat } from '../plan/plan.js';
import { describeWritten } from './export.js';

interface BenchmarkOptions {
  /** A plan that was found before, instead of the one that suits the caches. */
  readonly plan?: KernelPlan | undefined;
  readonly levels: number;
  readonly problem: Dimensions;
  readonly dtype: NumberFormat;
  readonly threads: number;
  readonly backend: string;
  readonly variant?: string;
  readonly tunePlans?: number | undefined;
  readonly budget?: number;
  readonly minRounds: number;
  readonly sustained?: number;
  readonly seed: number;
  readonly ownGemm?: true;
  readonly keep?: string;
  readonly json?: true;
}

/** Of all backends; which of them has which, the agent knows. */
const VARIANTS = [...new Set(BACKENDS.flatMap(({ variants }) => variants))];

const COMPILE_SECONDS = 120;
const DEFAULT_BUDGET_SECONDS = 30;
/** Rounds of a sustained measurement: enough for an interval of its last third. */
const SUSTAINED_ROUNDS = 200;

/** `at-agent benchmark`: one candidate on this device, without a server. Fails unless it was measured. */
export function benchmarkCommand(): Command {
  return new Command('benchmark')
    .description('time one algorithm against the fastest BLAS of this device')
    .argument(
      '<factorization...>',
      `recursion levels, outermost first: ${OPTION_WORDS.factorizations}; or "baseline" alone`,
    )
    .option('--levels <count>', OPTION_WORDS.levels, wholeNumber('--levels', 1, 6), 1)
    .requiredOption('--problem <MxKxN>', OPTION_WORDS.problem, parseDimensions)
    .addOption(new Option('--dtype <type>', OPTION_WORDS.dtype).choices(Object.keys(DATA_TYPES)).default('f32'))
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
    .option('--budget <duration>', `${OPTION_WORDS.measuringBudget} (default: 30s)`, parseDuration)
    .option('--min-rounds <count>', 'least number of rounds', wholeNumber('--min-rounds', 3, 1000), 10)
    .option('--sustained <duration>', OPTION_WORDS.sustained, parseDuration)
    .option('--seed <number>', OPTION_WORDS.seed, wholeNumber('--seed', 0, 2 ** 32 - 1), 0)
    .option('--own-gemm', 'also time the same engine with <1,1,1>')
    .option('--keep <dir>', 'write a C library to this folder; halves the problem until the crossover is known')
    .option('--json', OPTION_WORDS.json)
    .addHelpText(
      'after',
      '\nExamples:\n  at-agent benchmark strassen --levels 2 --problem 4096x4096x4096\n' +
        '  at-agent benchmark found.json winograd --problem 2048x2048x2048 --dtype f64 --json\n' +
        '  at-agent benchmark winograd --levels 2 --problem 2048 --keep winograd2\n' +
        '  at-agent benchmark baseline --problem 1024x1024x1024',
    )
    .action(run);
}

async function run(names: string[], options: BenchmarkOptions): Promise<void> {
  const records = await readLevelsOrBaseline(names, options.levels);
  if (options.keep !== undefined) await requireKeepable(records, options, options.keep);
  const levels = records.map(({ factorization }) => factorization);
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    const outcome = await measureOnce(levels, options, stop.signal);
    const plan = options.tunePlans === undefined ? undefined : planOf(outcome);
    const { measurement, environment } = outcome;
    const library =
      measurement && options.keep !== undefined
        ? await keepLibrary(
            records,
            { ...options, plan, dtype: options.dtype === 'f64' ? 'f64' : 'f32', folder: options.keep },
            outcome,
            async (problem) => {
              // As the library will be: with the plan found for the problem that was asked for.
              const smaller = await measureOnce(
                levels,
                { ...options, problem, tunePlans: undefined, plan },
                stop.signal,
              );
              if (!smaller.measurement) throw failureOf(smaller);
              return smaller;
            },
          )
        : undefined;
    if (options.json) process.stdout.write(`${JSON.stringify({ ...outcome, library }, null, 2)}\n`);
    if (!measurement || !environment) throw failureOf(outcome);
    if (options.json) return;
    process.stdout.write(`${summary(outcome, measurement, environment, levels)}\n`);
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
  const outcome = await runJob(
    {
      jobId: randomUUID(),
      levels,
      problem: { ...options.problem, dtype: options.dtype, threads: options.threads },
      backend: options.backend,
      variant: options.variant ?? '',
      protocol: resolveProtocol(requested(options), precisionOf(options.backend, options.dtype)),
      compileTimeoutSeconds: COMPILE_SECONDS,
      tunePlans: options.tunePlans ?? 0,
      kernel: options.plan,
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

/** The plan that tuning found. */
function planOf({ environment }: Outcome): KernelPlan | undefined {
  const found = environment?.kernelPlan;
  if (!found) return undefined;
  return { ...found, streamAboveBytes: Number(found.streamAboveBytes), nearBytes: Number(found.nearBytes) };
}

/** The levels; none for the baseline. */
async function readLevelsOrBaseline(names: readonly string[], repeat: number): Promise<FactorizationRecord[]> {
  if (names.length === 1 && names[0] === 'baseline') return [];
  if (names.includes('baseline')) {
    throw new AlphaTensorError('INVALID_ARGUMENT', 'Give "baseline" alone: the baseline has no recursion levels.');
  }
  return readLevels(names, repeat);
}

/** Refuses what cannot be kept, before any of it is measured. */
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
  await requireFreeFolder(folder, false);
}

/** The protocol with zeros, which mean the default, for what the command line does not set. */
function requested(options: BenchmarkOptions): Parameters<typeof resolveProtocol>[0] {
  const { budget = DEFAULT_BUDGET_SECONDS, minRounds, seed, ownGemm, sustained = 0 } = options;
  return {
    minRounds,
    maxRounds: sustained > 0 ? 5 * SUSTAINED_ROUNDS : 0,
    // Longer samples rather than more, so that the load is the product's and not the bookkeeping's.
    minSampleSeconds: sustained > 0 ? Math.min(10, Math.max(0.01, sustained / (2 * SUSTAINED_ROUNDS))) : 0,
    minWarmupSeconds: 0,
    targetRelativeHalfWidth: 0,
    budgetSeconds: budget,
    maxRelativeError: 0,
    seed,
    includeOwnGemm: ownGemm ?? false,
    minMeasuringSeconds: sustained,
  };
}

function progressLine(progress: Progress): string {
  if (progress.kind === 'compiling') return `compiling with ${progress.compiler}`;
  if (progress.kind === 'tuning') return `kernel plan ${progress.plansTried + 1} of ${progress.plans}`;
  const { rounds, speedup } = progress;
  return speedup === undefined ? 'checking' : `round ${rounds}: ${interval(speedup)}`;
}

function summary(
  { compileSeconds, workspaceBytes }: Outcome,
  measurement: Measurement,
  environment: Environment,
  levels: readonly VerifiedFactorization[],
): string {
  const name =
    levels.map(({ size, rank }) => `${formatSize(size)} rank ${rank}`).join(' over ') || 'the baseline itself';
  const { speedup, ownGemmSpeedup, aaControl, baselineSeconds, relativeError, baselineRelativeError, flags } =
    measurement;
  const { sustainedSpeedup, baselineJoules, candidateJoules } = measurement;
  return [
    `${name}: ${speedup ? interval(speedup) : 'no estimate'}${verdict(measurement)}`,
    `  against ${environment.blas ? blasName(environment.blas) : 'an unknown BLAS'}, ${where(environment)}, ${rate(measurement)}`,
    `  ${baselineSeconds.length} rounds; relative error ${relativeError.toExponential(1)} (baseline ${baselineRelativeError.toExponential(1)}); ` +
      `workspace ${(workspaceBytes / 1024 ** 2).toFixed(0)} MiB; compiled in ${compileSeconds.toFixed(1)} s`,
    ...(sustainedSpeedup
      ? [`  in the last third ${interval(sustainedSpeedup)}; ${energy(baselineJoules, candidateJoules)}`]
      : []),
    ...(ownGemmSpeedup ? [`  own GEMM ${interval(ownGemmSpeedup)}`] : []),
    ...(aaControl ? [`  baseline against itself ${interval(aaControl)}`] : []),
    ...flags.map((flag) => `  note: ${flag}`),
  ].join('\n');
}

function verdict({ fasterThanBaseline, notClaimedBecause }: Measurement): string {
  if (fasterThanBaseline) return ', faster';
  return notClaimedBecause === '' ? '' : `, not called faster: ${notClaimedBecause}`;
}

function where({ baselineThreads, accelerator }: Environment): string {
  return accelerator === '' ? `${baselineThreads} thread(s)` : `on ${accelerator}`;
}

function rate({ baselineGflops, peakGflops }: Measurement): string {
  const gflops = `${baselineGflops.toPrecision(3)} GFLOP/s`;
  if (peakGflops === 0) return gflops;
  return `${gflops}, ${((100 * baselineGflops) / peakGflops).toFixed(0)} % of the multiply-add peak`;
}

function energy(baselineJoules?: number, candidateJoules?: number): string {
  if (baselineJoules === undefined || candidateJoules === undefined) return 'energy unknown (see at-agent doctor)';
  return `${candidateJoules.toPrecision(3)} J a product, the baseline ${baselineJoules.toPrecision(3)} J (all processor packages)`;
}

function interval({ estimate, low, high }: { estimate: number; low: number; high: number }): string {
  return `${estimate.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
}

/** The outcome as an exit status. */
function failureOf({ kind, message, diagnostics }: Outcome): AlphaTensorError {
  const text = diagnostics === '' ? message : `${message}\n${diagnostics.trimEnd()}`;
  switch (kind) {
    case 'OUTCOME_KIND_CANCELLED':
      return new AlphaTensorError('CANCELLED', text);
    case 'OUTCOME_KIND_TIMEOUT':
      return new AlphaTensorError('TIMEOUT', text);
    case 'OUTCOME_KIND_OUT_OF_MEMORY':
      return new AlphaTensorError('RESOURCE_EXHAUSTED', text);
    case 'OUTCOME_KIND_UNSUPPORTED':
      return new AlphaTensorError('UNAVAILABLE', text);
    default:
      return new AlphaTensorError('INTERNAL', text);
  }
}
