import { spawn, spawnSync } from 'node:child_process';
import { AlphaTensorError } from '@alphatensor-edge/shared';

/** How the programs of an installation are run. */
export interface Running {
  readonly signal: AbortSignal;
  /** Where they say what they do; `ignore` keeps them quiet. */
  readonly talk: 'stderr' | 'ignore';
}

/**
 * Runs a program to its end.
 * @returns what it wrote to standard output
 * @throws AlphaTensorError UNAVAILABLE if it fails, `advice` says what may help; the reason of the signal if that aborts
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
  // Ctrl-C reaches the program too, and may end it before it is known here.
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
  if (ended.code === 0) return stdout;
  const how = ended.error === undefined ? `ended with status ${ended.code}` : ended.error.message;
  throw new AlphaTensorError('UNAVAILABLE', `${[command, ...args.slice(0, 3)].join(' ')} … ${how}; ${advice}.`, {
    cause: ended.error,
  });
}

/** Whether a program is there and answers. */
export function answers(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
