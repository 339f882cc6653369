import { spawn, spawnSync } from 'node:child_process';
import { AlphaTensorError } from '@alphatensor-edge/shared';

/** Sets how the programs of an installation are run. */
export interface Running {
  readonly signal: AbortSignal;
  /** Where their standard error goes; `ignore` drops it. */
  readonly talk: 'stderr' | 'ignore';
}

/**
 * Runs a program to its end.
 * @param advice what may help if the program fails
 * @returns what it wrote to standard output
 * @throws AlphaTensorError UNAVAILABLE if the program fails; the reason of the signal if that aborts
 */
export async function run(
  [command, ...args]: readonly [string, ...string[]],
  cwd: string,
  advice: string,
  { signal, talk }: Running,
): Promise<string> {
  signal.throwIfAborted();
  const child = spawn(command, args, {
    cwd,
    stdio: ['ignore', 'pipe', talk === 'stderr' ? process.stderr : 'ignore'],
    signal,
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const ended = await new Promise<{ code?: number | null; error?: Error }>((resolve) => {
    child.once('error', (error) => resolve({ error }));
    child.once('close', (code) => resolve({ code }));
  });
  // Ctrl-C reaches the program too, and may end it before the signal aborts here.
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
  if (ended.code === 0) return stdout;
  const how = ended.error === undefined ? `ended with status ${ended.code}` : ended.error.message;
  throw new AlphaTensorError('UNAVAILABLE', `${[command, ...args.slice(0, 3)].join(' ')} … ${how}; ${advice}.`, {
    cause: ended.error,
  });
}

/** Tells whether a program is installed and runs with these arguments. */
export function answers(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
