import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AlphaTensorError, OPTION_WORDS, parseDuration, wholeNumber } from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import { measureMissing } from '../report/measure-missing.js';
import type { Report } from '../report/model.js';
import { readReference } from '../report/references.js';
import { formatAnswer, formatChanges } from '../report/terminal.js';
import { FEWEST_EARLIER } from '../report/trends.js';
import { writeReport } from '../report/write.js';
import { agentOption, jsonOption, poolOption } from './options.js';
import { interruptSignal, lazyProgress, note, print, printAnswer, printOutcome, terminalWidth } from './output.js';

interface ReportOptions {
  readonly out?: string;
  readonly against?: string;
  readonly changes?: boolean;
  readonly regressions?: number | true;
  readonly saveReference?: string;
  readonly anonymous?: boolean;
  readonly measureMissing?: boolean;
  readonly agent?: string[];
  readonly pool?: boolean;
  readonly budget?: number;
  readonly json?: boolean;
}

/** The seconds of timing for a missing cell. */
const MEASURE_SECONDS = 20;
/** How many earlier jobs a regression is told from. */
const ROLLING = 5;

export function reportCommand(): Command {
  return new Command('report')
    .summary('say what to run on each device, and compare what runs found and measured')
    .description(
      'Says what to run on each device for each problem, how much faster it is, how sure that is and what it costs. Writes it with everything behind it as one self-contained HTML page, Markdown, JSON, CSV and LaTeX, and best.json for programs; and a page for each device where there are several.',
    )
    .argument('<run...>', 'run folders, or the report.html of earlier reports, which carry their data')
    .option('--out <dir>', 'folder to write to (default: report/ in the first run)')
    .option(
      '--against <reference>',
      'compare with an earlier report: a saved name, a run folder or a report.html (default: none)',
    )
    .option('--changes', 'print what differs from --against, and nothing else')
    .addOption(
      new Option(
        '--regressions [jobs]',
        `compare the newest job of each algorithm with the median of this many before it on the same device (default: ${ROLLING}); the exit status is 12 if one became slower`,
      ).argParser(wholeNumber('--regressions', FEWEST_EARLIER, 1000)),
    )
    .option('--save-reference <name>', 'keep this report under a name, for --against (default: not kept)')
    .option('--anonymous', 'leave out the names of hosts, agents, runs and folders, to give the report away')
    .option(
      '--measure-missing',
      'measure the cells of the comparison that no run has, on --agent, and keep them in --out',
    )
    .addOption(agentOption())
    .addOption(poolOption())
    .addOption(
      new Option('--budget <duration>', `${OPTION_WORDS.measuringBudget} (default: 20s)`).argParser(parseDuration),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  at-trainer report runs/laptop runs/server --out comparison
  at-trainer report runs/laptop runs/server --out comparison --measure-missing --agent laptop --agent server
  at-trainer report runs/laptop --save-reference before
  at-trainer report runs/laptop-2 --against before --changes
  at-trainer report runs/laptop runs/laptop-2 --regressions 5
  at-trainer report runs/laptop --anonymous --out to-give-away`,
    )
    .action(report);
}

async function report(runs: string[], options: ReportOptions): Promise<void> {
  checkOptions(runs, options);
  const out = options.out ?? join(runs[0], 'report');
  const against = options.against === undefined ? undefined : readReference(options.against);
  const measured = options.measureMissing ? await measure(runs, out, options) : undefined;
  const { anonymous, saveReference, regressions } = options;
  const rolling = regressions === true ? ROLLING : regressions;
  const { report: made, paths } = await writeReport(runs, out, { anonymous, against, rolling, saveReference });
  const { changes, trends } = made;
  const asText = (): void => {
    if (!options.changes) printAnswer(formatAnswer(made, terminalWidth()));
    if (changes !== null || trends !== null)
      for (const line of formatChanges(made, terminalWidth()).trimEnd().split('\n')) print(line);
    if (!options.changes) for (const path of Object.values(paths).flat()) print(path);
  };
  const answers = made.groups.map(({ answer }) => answer);
  printOutcome({ ...paths, answers, changes, trends, measured }, regressed(made), options.json ? undefined : asText);
  if (measured !== undefined && measured.failures.length > 0) process.exitCode = 1;
}

function checkOptions(runs: readonly string[], options: ReportOptions): void {
  const isForMissing = options.agent !== undefined || options.budget !== undefined || options.pool;
  if (!options.measureMissing && isForMissing) {
    throw new AlphaTensorError('INVALID_ARGUMENT', '--agent, --pool and --budget are for --measure-missing; add it.', {
      field: '--measure-missing',
    });
  }
  if (options.changes && options.against === undefined) {
    throw new AlphaTensorError('INVALID_ARGUMENT', '--changes needs --against, the report to compare with.', {
      field: '--against',
    });
  }
  if (options.anonymous && options.saveReference !== undefined) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      'A reference is kept here, and an anonymous one would not be told to be of the same devices; leave out --anonymous.',
      { field: '--anonymous' },
    );
  }
  if (options.out === undefined && runs[0].endsWith('.html')) {
    throw new AlphaTensorError('INVALID_ARGUMENT', 'A report of a page needs --out, the folder to write to.', {
      field: '--out',
    });
  }
}

async function measure(runs: readonly string[], out: string, { agent, pool, budget }: ReportOptions) {
  await mkdir(out, { recursive: true });
  const bar = lazyProgress('measuring');
  const measured = await measureMissing(runs, out, agent, {
    share: pool,
    budgetSeconds: budget ?? MEASURE_SECONDS,
    signal: interruptSignal(),
    onMessage: note,
    onProgress: bar.update,
  }).finally(bar.stop);
  for (const failure of measured.failures) note(`error: ${failure}`);
  return measured;
}

function regressed({ trends }: Report): AlphaTensorError | undefined {
  const count = (trends ?? []).filter(({ hasRegressed }) => hasRegressed).length;
  if (count === 0) return undefined;
  return new AlphaTensorError(
    'REGRESSED',
    `${count} ${count === 1 ? 'algorithm became' : 'algorithms became'} slower than in the jobs before; the report says which, and by how much.`,
  );
}
