import { endWithoutReader, tellProcessorTime } from '@alphatensor-edge/shared';
import { Command } from 'commander';
import { PROGRAM_VERSION } from '../version.js';
import { COMMANDS } from './commands.js';
import { reportFailure } from './output.js';

/** Runs `at-trainer` and returns its exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  endWithoutReader();
  tellProcessorTime();
  try {
    await (await program(argv[2])).parseAsync(argv);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return reportFailure(error, argv.includes('--json'));
  }
}

/**
 * Makes `at-trainer`, and runs nothing.
 * @param name the only command to load; all are loaded if it is none, for the help and for suggestions
 */
export async function program(name?: string): Promise<Command> {
  const root = new Command('at-trainer')
    .description('Finds the fastest matrix-multiplication algorithm for each device.')
    .version(PROGRAM_VERSION)
    .showHelpAfterError('(see --help)');
  const loads = name !== undefined && Object.hasOwn(COMMANDS, name) ? [COMMANDS[name]] : Object.values(COMMANDS);
  for (const load of loads) root.addCommand(await load());
  exitByException(root);
  return root;
}

/** Makes Commander throw its errors. Otherwise it ends the process itself, and `main` cannot report them. */
function exitByException(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) exitByException(child);
}
