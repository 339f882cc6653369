import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AlphaTensorError, bestKnownRank } from '@alphatensor-edge/shared';
import { Command } from 'commander';
import { startEquippedAgent } from '../fleet/local/equipped-agent.js';
import { formatTable } from '../report/terminal.js';
import { writeRunReport } from '../report/write.js';
import { loadCheckpoint } from '../run/checkpoint.js';
import { createRunFolder, defaultRunDir } from '../run/folder.js';
import { quickstartRunOf } from '../training/quickstart-config.js';
import { confirm } from './confirm.js';
import { FinetuneView } from './finetune-view.js';
import { budgetOption, jsonOption, seedOption } from './options.js';
import { interruptSignal, note, print, printAnswer, printOutcome, terminalWidth } from './output.js';

/** Names the trained network that comes with the project; docs/notes/training-2x2x2.md says how it was made. */
const CHECKPOINT = fileURLToPath(new URL('../../checkpoints/2x2x2-tiny', import.meta.url));

const FINETUNE_SECONDS = 60;

interface QuickstartOptions {
  readonly yes?: boolean;
  readonly budget: number;
  readonly seed?: number;
  readonly runDir?: string;
  readonly json?: boolean;
}

export function quickstartCommand(): Command {
  return new Command('quickstart')
    .summary('run everything once on this machine, in about five minutes')
    .description(
      'Starts an agent here, fine-tunes <2,2,2> from the checkpoint that comes with the project, measures the best it found beside Strassen, Winograd and the baseline, and writes the report.',
    )
    .option('--yes', 'install a missing compiler or BLAS through apt without asking')
    .addOption(budgetOption().default(FINETUNE_SECONDS, `${FINETUNE_SECONDS}s`))
    .addOption(seedOption('that of the checkpoint'))
    .option('--run-dir <dir>', 'folder of the run (default: runs/<date>-<size>)')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  at-trainer quickstart --yes
  at-trainer quickstart --budget 5m --run-dir runs/first --json`,
    )
    .action(quickstart);
}

async function quickstart(options: QuickstartOptions): Promise<void> {
  if (!existsSync(CHECKPOINT)) {
    throw new AlphaTensorError(
      'NOT_FOUND',
      `The checkpoint ${CHECKPOINT} is missing; use a complete copy of the project.`,
    );
  }
  const signal = interruptSignal();
  const trained = (await loadCheckpoint(CHECKPOINT)).config;
  const runDir = options.runDir ?? defaultRunDir(trained.size);
  createRunFolder(runDir);
  const { agent, canMeasure } = await startEquippedAgent({ yes: options.yes === true, confirm, note });
  try {
    if (!canMeasure) note('No compiler works here: this run searches, and measures nothing.');
    const { runFinetune } = await import('../training/finetune-run.js');
    const view = new FinetuneView(options.budget);
    const wishes = { agent: agent.address, canMeasure, checkpoint: CHECKPOINT, seed: options.seed };
    const run = quickstartRunOf(trained, wishes);
    const running = runFinetune(run, { runDir, budget: options.budget, resume: false, signal, hooks: view.hooks });
    const result = await running.finally(() => view.stop());
    const { report, paths } = await writeRunReport(runDir);
    const isMissed = !((result.bestRank ?? Number.POSITIVE_INFINITY) <= bestKnownRank(trained.size));
    const failure =
      isMissed && !signal.aborted
        ? new AlphaTensorError(
            'GOAL_MISSED',
            `The search found ${result.bestRank === undefined ? 'nothing' : `only rank ${result.bestRank}`} in ${Math.round(result.seconds)} s; give it longer with --budget 5m.`,
          )
        : undefined;
    const asText = (): void => {
      printAnswer(formatTable(report, terminalWidth()));
      print(`run     ${runDir}`);
      print(`report  ${paths.html}`);
    };
    printOutcome({ ...result, runDir, report: paths }, failure, options.json ? undefined : asText);
    if (signal.aborted) process.exitCode = 130;
  } finally {
    await agent.stop();
  }
}
