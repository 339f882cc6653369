import { blasName } from '@alphatensor-edge/proto';
import {
  type FactorizationRecord,
  loadFactorizations,
  OPTION_WORDS,
  parseDuration,
  realNumber,
  wholeNumber,
} from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import { candidate } from '../fleet/algorithms.js';
import { chooseBackend } from '../fleet/backend-choice.js';
import { measureCandidate } from '../fleet/campaign.js';
import type { DType, MeasurementRow } from '../fleet/measurement.js';
import { energyWords } from '../report/words.js';
import { connectAgents, SHORT_PATIENCE } from './fleet-session.js';
import {
  agentOption,
  backendOption,
  dtypeOption,
  formatProblem,
  jsonOption,
  levelsOption,
  parseProblem,
  problemOption,
  seedOption,
  threadsOption,
  variantOption,
} from './options.js';
import { interruptSignal, note, print, printJson, progress } from './output.js';

interface BenchmarkOptions {
  readonly agent?: string[];
  readonly problem?: string[];
  readonly dtype: DType;
  readonly threads: number;
  readonly backend?: string;
  readonly variant?: string;
  readonly tunePlans?: number;
  readonly levels: number;
  readonly budget?: number;
  readonly maxError?: number;
  readonly sustained?: number;
  readonly seed: number;
  readonly json?: boolean;
}

export function benchmarkCommand(): Command {
  return new Command('benchmark')
    .summary('time factorizations on agents')
    .description(
      'Sends factorizations to agents, which compile, check and time each against the fastest BLAS of their device.',
    )
    .argument('<factorization...>', OPTION_WORDS.factorizations)
    .addOption(agentOption())
    .addOption(problemOption())
    .addOption(dtypeOption())
    .addOption(threadsOption())
    .addOption(backendOption())
    .addOption(variantOption())
    .addOption(new Option('--tune-plans <count>', OPTION_WORDS.tunePlans).argParser(wholeNumber('--tune-plans', 1, 64)))
    .addOption(levelsOption())
    .addOption(
      new Option('--budget <duration>', `${OPTION_WORDS.measuringBudget} (default: 30s)`).argParser(parseDuration),
    )
    .addOption(
      new Option('--max-error <number>', 'largest relative Frobenius error to accept').argParser(
        realNumber('--max-error', 0, 1),
      ),
    )
    .addOption(new Option('--sustained <duration>', OPTION_WORDS.sustained).argParser(parseDuration))
    .addOption(seedOption().default(0))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  at-trainer benchmark strassen --agent 127.0.0.1:50051 --problem 2048x2048x2048
  at-trainer benchmark factorizations_r.npz#4,4,4 --agent laptop --problem 2048 --dtype f32 --threads 1 --json`,
    )
    .action(benchmark);
}

async function benchmark(sources: string[], options: BenchmarkOptions): Promise<void> {
  const records = (await Promise.all(sources.map((source) => loadFactorizations(source)))).flat();
  const problems = (options.problem ?? ['1024']).map((text) => parseProblem(text, options.dtype, options.threads));
  const pool = await connectAgents(options.agent, SHORT_PATIENCE);
  const bar = progress('measuring');
  const signal = interruptSignal();
  const rows: MeasurementRow[] = [];
  const failures: string[] = [];
  try {
    const backend = chooseBackend(pool, options.backend);
    const tasks = problems.flatMap((problem) => records.map((record) => ({ problem, record })));
    for (const [index, { problem, record }] of tasks.entries()) {
      const measured = candidate(record, roleOf(record), { depth: options.levels });
      const where = `${measured.algorithm.label} at ${formatProblem(problem)}`;
      bar.update(index / tasks.length, where);
      rows.push(
        ...(await measureCandidate(pool, measured, problem, {
          backend,
          ...(options.variant === undefined ? {} : { variant: options.variant }),
          ...(options.tunePlans === undefined ? {} : { tunePlans: options.tunePlans }),
          signal,
          protocol: {
            ...(options.budget === undefined ? {} : { budgetSeconds: options.budget }),
            ...(options.maxError === undefined ? {} : { maxRelativeError: options.maxError }),
            seed: options.seed,
            ...(options.sustained === undefined ? {} : sustainedProtocol(options.sustained)),
            includeOwnGemm: true,
          },
          onProgress: (agent, state) =>
            bar.update(index / tasks.length, `${where} on ${agent}: ${state.stage}${roundsOf(state)}`),
          onFailure: (message) => failures.push(message),
        })),
      );
      signal.throwIfAborted();
    }
    bar.update(1, 'done');
  } finally {
    bar.stop();
    pool.close();
  }
  for (const failure of failures) note(`error: ${failure}`);
  if (options.json) printJson({ results: rows.map(asDocument), failures });
  else for (const row of rows) print(asLine(row));
  const allMeasured = rows.every((row) => row.outcome.kind === 'OUTCOME_KIND_MEASURED');
  if (failures.length > 0 || !allMeasured) process.exitCode = 1;
}

function roundsOf(state: { stage: string; rounds?: number }): string {
  return state.rounds === undefined ? '' : `, round ${state.rounds}`;
}

function roleOf({ origin }: FactorizationRecord): 'imported' | 'found' {
  return origin === 'rl' ? 'found' : 'imported';
}

/** Rounds of a sustained measurement: enough for an interval of its last third. */
const SUSTAINED_ROUNDS = 200;

/** Samples are made longer rather than more, so that the load is the product's and not the bookkeeping's. */
function sustainedProtocol(seconds: number) {
  return {
    minMeasuringSeconds: seconds,
    minSampleSeconds: Math.min(10, Math.max(0.01, seconds / (2 * SUSTAINED_ROUNDS))),
    maxRounds: 5 * SUSTAINED_ROUNDS,
  };
}

/** One result with what a script looks for at the top. */
function asDocument(row: MeasurementRow) {
  const { outcome, device, algorithm, problem } = row;
  const { environment, measurement } = outcome;
  return {
    outcome: outcome.kind.replace('OUTCOME_KIND_', ''),
    message: outcome.message,
    agent: row.agent,
    device,
    algorithm,
    problem,
    backend: row.backend,
    variant: row.variant,
    compiler: environment?.compiler,
    blas: environment?.blas,
    speedup: measurement?.speedup,
    fasterThanBaseline: measurement?.fasterThanBaseline,
    relativeError: measurement?.relativeError,
    baselineRelativeError: measurement?.baselineRelativeError,
    samples: measurement && {
      baselineSeconds: measurement.baselineSeconds,
      candidateSeconds: measurement.candidateSeconds,
      ownGemmSeconds: measurement.ownGemmSeconds,
    },
    measurement: measurement && {
      ...measurement,
      baselineSeconds: undefined,
      candidateSeconds: undefined,
      ownGemmSeconds: undefined,
    },
    environment,
    diagnostics: outcome.diagnostics,
    compileSeconds: outcome.compileSeconds,
    workspaceBytes: outcome.workspaceBytes,
    createdAt: row.createdAt,
  };
}

function asLine(row: MeasurementRow): string {
  const where = `${row.algorithm.label} at ${formatProblem(row.problem)} on ${row.agent} (${row.backend})`;
  const { outcome } = row;
  const measurement = outcome.measurement;
  if (!measurement?.speedup) return `${where}: ${outcome.kind.replace('OUTCOME_KIND_', '')}: ${outcome.message}`;
  const { estimate, low, high } = measurement.speedup;
  const blas = outcome.environment?.blas;
  const baseline =
    blas && (blas.thirdParty || blas.library !== 'portable')
      ? `${blasName(blas)}${blas.thirdParty ? '' : ' (no BLAS)'}`
      : "the project's own portable GEMM (no BLAS)";
  const sustained = measurement.sustainedSpeedup
    ? `, ${measurement.sustainedSpeedup.estimate.toFixed(3)}x in the last third`
    : '';
  const energy = measurement.sustainedSpeedup
    ? `, ${energyWords(measurement.baselineJoules, measurement.candidateJoules)}`
    : '';
  const flags = measurement.flags.length > 0 ? ` [${measurement.flags.join('; ')}]` : '';
  return `${where}: ${estimate.toFixed(3)}x (95 % interval ${low.toFixed(3)} to ${high.toFixed(3)})${sustained} of ${baseline}, ${measurement.baselineSeconds.length} rounds, relative error ${measurement.relativeError.toExponential(1)}${energy}${flags}`;
}
