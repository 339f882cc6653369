import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { commandPath } from './agent-command.js';
import { endTogether } from './end-together.js';

/** Represents an agent that this process started on a free loopback port. */
export interface LocalAgent {
  /** HOST:PORT. */
  readonly address: string;
  /** Ends the agent and waits until it is gone. */
  stop(): Promise<void>;
}

const START_SECONDS = 60;

/**
 * Starts `at-agent serve` on this machine.
 * @param libraries files of further BLAS libraries that it ranks with those it finds
 * @param only the one of all that it compares with; undefined: the fastest
 * @throws AlphaTensorError UNAVAILABLE with the agent's output
 */
export async function startLocalAgent(libraries: readonly string[] = [], only?: string): Promise<LocalAgent> {
  const named = [...libraries, process.env.ALPHATENSOR_BLAS].filter(Boolean).join(':');
  const child = spawn('at-agent', ['serve', '--port', '0', '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PATH: commandPath(),
      ...(named !== '' && { ALPHATENSOR_BLAS: named }),
      ...(only !== undefined && { ALPHATENSOR_BLAS_ONLY: only }),
    },
  });
  endTogether(child);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2000);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
  const address = await new Promise<string>((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(timer);
      reject(new AlphaTensorError('UNAVAILABLE', `The agent on this machine did not start: ${why}`));
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail(`it was silent for ${START_SECONDS} s.`);
    }, START_SECONDS * 1000);
    child.once('error', (error) =>
      fail(`${error.message}; install the package @alphatensor-edge/agent beside this one, or run npm ci in a clone.`),
    );
    child.once('close', (code) => fail(said.trim() || `it ended with status ${code}.`));
    createInterface({ input: child.stdout }).once('line', (line) => {
      clearTimeout(timer);
      resolve((JSON.parse(line) as { address: string }).address);
    });
  });
  return {
    address,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
