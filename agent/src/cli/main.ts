import {
  AlphaTensorError,
  endWithoutReader,
  messageOf,
  systemFault,
  tellProcessorTime,
} from '@alphatensor-edge/shared';
import { Command, CommanderError } from 'commander';
import { onHostLockWait } from '../process/host-lock.js';
import { nameHolder } from '../process/lock-holder.js';
import { AGENT_VERSION } from '../version.js';
import { accelerateCommand } from './accelerate.js';
import { additionsCommand } from './additions.js';
import { benchmarkCommand } from './benchmark.js';
import { configCommand } from './config.js';
import { describeCommand } from './describe.js';
import { doctorCommand } from './doctor.js';
import { enrollCommand } from './enroll.js';
import { exportCommand } from './export.js';
import { profileCommand } from './profile.js';
import { serveCommand } from './serve.js';
import { serviceCommand } from './service.js';
import { statusCommand } from './status.js';

/** The exit status for a command line that cannot be read, that of INVALID_ARGUMENT. */
const USAGE = new AlphaTensorError('INVALID_ARGUMENT', '').exitCode;

/** Runs one command of `at-agent` and gives its exit status. A command that runs a program sets that of the program. */
export async function main(argv: readonly string[]): Promise<number> {
  endWithoutReader();
  tellProcessorTime();
  nameHolder(`at-agent ${argv[2] ?? ''}`.trim());
  // An agent that serves has a log for it.
  if (argv[2] !== 'serve') onHostLockWait(noteWait);
  try {
    await program().parseAsync(argv);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return report(error);
  }
}

function noteWait(holder: string): void {
  const clear = process.stderr.isTTY ? '\r\u001b[K' : '';
  process.stderr.write(`${clear}note: waiting for the measurement of ${holder}\n`);
}

/** Makes `at-agent` with all its commands, without running one. */
export function program(): Command {
  const root = new Command('at-agent')
    .description('Compiles, checks and times matrix-multiplication algorithms on this device.')
    .version(AGENT_VERSION)
    .showHelpAfterError('Run with --help for the options.')
    .addHelpText(
      'after',
      '\nExamples:\n  at-agent doctor\n  at-agent serve\n  at-agent benchmark strassen --problem 4096x4096x4096',
    );
  const commands = [
    enrollCommand(),
    serveCommand(),
    serviceCommand(),
    statusCommand(),
    configCommand(),
    doctorCommand(),
    describeCommand(),
    benchmarkCommand(),
    additionsCommand(),
    exportCommand(),
    profileCommand(),
    accelerateCommand(),
  ];
  for (const command of commands) root.addCommand(command);
  // We choose the exit statuses ourselves, so no command ends the process.
  for (const command of [root, ...commands, ...commands.flatMap(({ commands }) => commands)]) command.exitOverride();
  return root;
}

/** Turns an error into a sentence on stderr and an exit status. Nothing else does. */
function report(thrown: unknown): number {
  const error = systemFault(thrown) ?? thrown;
  // Commander has printed its own sentence, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
  if (error instanceof AlphaTensorError) {
    process.stderr.write(`error: ${error.message}\n`);
    return error.exitCode;
  }
  process.stderr.write(`error: ${messageOf(error)} (an unexpected fault; set ALPHATENSOR_DEBUG=1 for its stack)\n`);
  if (process.env.ALPHATENSOR_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return 1;
}
