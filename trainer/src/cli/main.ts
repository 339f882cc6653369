import { endWithoutReader, tellProcessorTime } from '@alphatensor-edge/shared';
import { Command } from 'commander';
import { PROGRAM_VERSION } from '../version.js';
import { agentsCommand } from './agents.js';
import { backendCommand } from './backend.js';
import { benchmarkCommand } from './benchmark.js';
import { catalogueCommand } from './catalogue.js';
import { clusterCommand } from './cluster.js';
import { exploreCommand } from './explore.js';
import { exportCommand } from './export.js';
import { exportMeasurementsCommand } from './export-measurements.js';
import { finetuneCommand } from './finetune.js';
import { hubCommand } from './hub.js';
import { importCommand } from './import.js';
import { reportFailure } from './output.js';
import { playCommand } from './play.js';
import { quickstartCommand } from './quickstart.js';
import { refineCommand } from './refine.js';
import { reportCommand } from './report.js';
import { serveCommand } from './serve.js';
import { shapesCommand } from './shapes.js';
import { trainCommand } from './train.js';
import { tuneCommand } from './tune.js';
import { verifyCommand } from './verify.js';

/** Runs `at-trainer` and returns its exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  endWithoutReader();
  tellProcessorTime();
  try {
    await program().parseAsync(argv);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return reportFailure(error, argv.includes('--json'));
  }
}

/** Makes `at-trainer` with all its commands, and runs none. */
export function program(): Command {
  const root = new Command('at-trainer')
    .description('Finds the fastest matrix-multiplication algorithm for each device.')
    .version(PROGRAM_VERSION)
    .showHelpAfterError('(see --help)');
  for (const command of [
    quickstartCommand(),
    agentsCommand(),
    hubCommand(),
    benchmarkCommand(),
    trainCommand(),
    finetuneCommand(),
    playCommand(),
    clusterCommand(),
    tuneCommand(),
    shapesCommand(),
    catalogueCommand(),
    exploreCommand(),
    refineCommand(),
    reportCommand(),
    serveCommand(),
    verifyCommand(),
    importCommand(),
    exportCommand(),
    exportMeasurementsCommand(),
    backendCommand(),
  ]) {
    root.addCommand(command);
  }
  exitByException(root);
  return root;
}

/** Makes Commander throw its errors. Otherwise it ends the process itself, and `main` cannot report them. */
function exitByException(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) exitByException(child);
}
