import {
  loadFactorizations,
  OPTION_WORDS,
  parseDuration,
  parseWorkspaceBound,
  realNumber,
  type WorkspaceBound,
  wholeNumber,
} from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import { benchmarkAll, benchmarkProtocol } from '../fleet/benchmark.js';
import type { DType } from '../fleet/measurement.js';
import { parseProblem } from '../fleet/problem.js';
import { connectAgents, SHORT_PATIENCE } from '../fleet/session.js';
import { rowDocument, rowLine } from '../report/measurement-words.js';
import {
  agentOption,
  backendOption,
  dtypeOption,
  jsonOption,
  levelsOption,
  poolOption,
  problemOption,
  seedOption,
  threadsOption,
  variantOption,
} from './options.js';
import { interruptSignal, note, print, printJson, progress } from './output.js';

interface BenchmarkOptions {
  readonly agent?: string[];
  readonly pool?: boolean;
  readonly problem?: string[];
  readonly dtype: DType;
  readonly threads: number;
  readonly backend?: string;
  readonly variant?: string;
  readonly tunePlans?: number;
  readonly maxWorkspace?: WorkspaceBound;
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
    .addOption(poolOption())
    .addOption(problemOption())
    .addOption(dtypeOption())
    .addOption(threadsOption())
    .addOption(backendOption())
    .addOption(variantOption())
    .addOption(new Option('--tune-plans <count>', OPTION_WORDS.tunePlans).argParser(wholeNumber('--tune-plans', 1, 64)))
    .addOption(
      new Option('--max-workspace <bound>', `${OPTION_WORDS.maxWorkspace} (default: none)`).argParser(
        parseWorkspaceBound,
      ),
    )
    .addOption(levelsOption())
    .addOption(
      new Option('--budget <duration>', `${OPTION_WORDS.measuringBudget} (default: 30s)`).argParser(parseDuration),
    )
    .addOption(
      new Option(
        '--max-error <number>',
        'largest relative Frobenius error to accept (default: 1e-4 in f32, 2e-13 in f64, 1e-2 in f16, 8e-2 in bf16)',
      ).argParser(realNumber('--max-error', 0, 1)),
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
  const pool = await connectAgents(options.agent, { ...SHORT_PATIENCE, share: options.pool, onMessage: note });
  const bar = progress('measuring');
  const { levels: depth, variant, tunePlans, maxWorkspace, budget, maxError, seed, sustained } = options;
  const signal = interruptSignal();
  const measuring = benchmarkAll(pool, records, problems, {
    ...{ depth, variant, tunePlans, maxWorkspace, signal },
    backend: options.backend,
    protocol: benchmarkProtocol({ budget, maxError, seed, sustained }),
    onProgress: bar.update,
  });
  const { rows, failures } = await measuring.finally(() => {
    bar.stop();
    pool.close();
  });
  for (const failure of failures) note(`error: ${failure}`);
  if (options.json) printJson({ results: rows.map(rowDocument), failures });
  else for (const row of rows) print(rowLine(row));
  const allMeasured = rows.every((row) => row.outcome.kind === 'OUTCOME_KIND_MEASURED');
  if (failures.length > 0 || !allMeasured) process.exitCode = 1;
}
