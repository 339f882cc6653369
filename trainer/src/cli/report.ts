import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AlphaTensorError, OPTION_WORDS, parseDuration } from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import { measureMissing } from '../report/measure-missing.js';
import { writeReport } from '../report/write.js';
import { agentOption, jsonOption } from './options.js';
import { interruptSignal, lazyProgress, note, print, printJson } from './output.js';

interface ReportOptions {
  readonly out?: string;
  readonly measureMissing?: boolean;
  readonly agent?: string[];
  readonly budget?: number;
  readonly json?: boolean;
}

/** The seconds of timing for a missing cell. */
const MEASURE_SECONDS = 20;

export function reportCommand(): Command {
  return new Command('report')
    .summary('compare what runs found and measured')
    .description(
      'Writes one self-contained HTML page, Markdown, JSON and CSV about one or more runs: each device’s best algorithm measured on all of them, speed-ups with their intervals, ranks and rewards over time, latencies, cost model, noise, devices, failures; and a page for each device where there are several.',
    )
    .argument('<run...>', 'run folders')
    .option('--out <dir>', 'folder to write to (default: report/ in the first run)')
    .option(
      '--measure-missing',
      'measure the cells of the comparison that no run has, on --agent, and keep them in --out',
    )
    .addOption(agentOption())
    .addOption(
      new Option('--budget <duration>', `${OPTION_WORDS.measuringBudget} (default: 20s)`).argParser(parseDuration),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  at-trainer report runs/laptop runs/server --out comparison
  at-trainer report runs/laptop runs/server --out comparison --measure-missing --agent laptop --agent server`,
    )
    .action(report);
}

async function report(runs: string[], options: ReportOptions): Promise<void> {
  const out = options.out ?? join(runs[0], 'report');
  if (!options.measureMissing && (options.agent !== undefined || options.budget !== undefined)) {
    throw new AlphaTensorError('INVALID_ARGUMENT', '--agent and --budget are for --measure-missing; add it.', {
      field: '--measure-missing',
    });
  }
  let measured: Awaited<ReturnType<typeof measureMissing>> | undefined;
  if (options.measureMissing) {
    await mkdir(out, { recursive: true });
    const bar = lazyProgress('measuring');
    measured = await measureMissing(runs, out, options.agent, {
      budgetSeconds: options.budget ?? MEASURE_SECONDS,
      signal: interruptSignal(),
      onMessage: note,
      onProgress: bar.update,
    }).finally(bar.stop);
    for (const failure of measured.failures) note(`error: ${failure}`);
  }
  const paths = await writeReport(runs, out);
  if (options.json) printJson({ ...paths, measured });
  else for (const path of Object.values(paths).flat()) print(path);
  if (measured !== undefined && measured.failures.length > 0) process.exitCode = 1;
}
