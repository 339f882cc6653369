// Programs as processes of their own, for what runs outside the test runner. None outlives this process.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { repositoryPath } from './repository.js';

/** How a process ended: its exit status, or the signal that ended it. */
export type Ending = number | NodeJS.Signals | null;

/** A program that has said on its first line what it is. */
export interface RunningProgram {
  readonly pid: number;
  readonly child: ChildProcess;
  readonly ended: Promise<Ending>;
  end(signal?: NodeJS.Signals): Promise<Ending>;
}

/** An agent, with where it listens. */
export interface RunningAgent extends RunningProgram {
  /** HOST:PORT */
  readonly address: string;
  /** Absent where the program does not say it. */
  readonly port?: number;
}

export interface ProgramPlace {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});
for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(signal, () => process.exit(status));
}

/** Ends a child with this process. */
export function untilExit<Child extends ChildProcess>(child: Child): Child {
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/**
 * Starts an agent of Node's whose first line is a JSON document with its address.
 * @param script from the repository's root
 */
export async function startAgentProgram(
  script: string,
  args: readonly string[],
  { env = process.env, ...place }: ProgramPlace = {},
): Promise<RunningAgent> {
  const command = [repositoryPath(script), ...args];
  const child = untilExit(spawn(process.execPath, command, { ...place, env, stdio: ['pipe', 'pipe', 'inherit'] }));
  const ended = once(child, 'exit').then(([code, signal]): Ending => signal ?? code);
  const line = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([text]) => String(text)),
    ended.then((how): never => {
      throw new Error(`${script} ended with ${how} before it said anything`);
    }),
  ]);
  return {
    ...(JSON.parse(line) as Pick<RunningAgent, 'address' | 'port'>),
    pid: child.pid!,
    child,
    ended,
    end: (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
  };
}

/** at-agent from the build. */
export function startAtAgent(args: readonly string[], place?: ProgramPlace): Promise<RunningAgent> {
  return startAgentProgram('agent/bin/at-agent.js', ['serve', '--json', ...args], place);
}

/** See sleeping-agent.ts for its options. */
export function startSleepingAgent(...args: string[]): Promise<RunningAgent> {
  return startAgentProgram('test/dist/support/sleeping-agent.js', args);
}
