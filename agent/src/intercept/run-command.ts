import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { AlphaTensorError, messageOf } from '@alphatensor-edge/shared';

/** How a command ended. */
export interface CommandEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly seconds: number;
}

/** Signals that are passed on. A terminal sends those of the keyboard to the whole foreground group, so also to the command. */
const PASSED_ON = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;
const OF_KEYBOARD = ['SIGINT', 'SIGQUIT'] as const;

/**
 * Runs a command in this terminal, with a library before all others, and waits for its end. Signals for this process are the
 * command's.
 * @param environment what is set beside this process's environment
 * @throws AlphaTensorError UNAVAILABLE if the system cannot start it
 */
export async function runCommand(
  [program, ...args]: readonly string[],
  library: string,
  environment: Readonly<Record<string, string>>,
): Promise<CommandEnd> {
  const earlier = process.env.LD_PRELOAD;
  const env = { ...process.env, ...environment, LD_PRELOAD: earlier ? `${library}:${earlier}` : library };
  const start = performance.now();
  const child = spawn(program, args, { stdio: 'inherit', env });
  const passOn = (signal: NodeJS.Signals): void => void child.kill(signal);
  const isTerminal = process.stdin.isTTY || process.stderr.isTTY;
  const keyboard = isTerminal ? (): void => undefined : passOn;
  for (const signal of PASSED_ON) process.on(signal, passOn);
  for (const signal of OF_KEYBOARD) process.on(signal, keyboard);
  try {
    return await new Promise<CommandEnd>((resolve, reject) => {
      child.once('error', (cause) =>
        reject(new AlphaTensorError('UNAVAILABLE', `${program} cannot be started (${messageOf(cause)}).`, { cause })),
      );
      child.once('exit', (code, signal) => resolve({ code, signal, seconds: (performance.now() - start) / 1000 }));
    });
  } finally {
    for (const signal of PASSED_ON) process.off(signal, passOn);
    for (const signal of OF_KEYBOARD) process.off(signal, keyboard);
  }
}

/** Gives the exit status that a shell would give: that of the command, or 128 and the number of the signal that ended it. */
export function exitStatus({ code, signal }: CommandEnd): number {
  if (signal !== null) return 128 + constants.signals[signal];
  return code ?? 1;
}
