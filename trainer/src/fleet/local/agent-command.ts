import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AlphaTensorError } from '@alphatensor-edge/shared';

/**
 * Runs one command of `at-agent` on this machine, in this terminal.
 * @returns its exit status
 * @throws AlphaTensorError UNAVAILABLE if the agent is not installed
 */
export function runAgentCommand(args: readonly string[]): Promise<number> {
  return ended(startAgentCommand(args, 'inherit'));
}

/**
 * Runs one command of `at-agent` on this machine and gives what it prints.
 * @throws AlphaTensorError UNAVAILABLE if the agent is not installed
 */
export async function readAgentCommand(args: readonly string[]) {
  const child = startAgentCommand(args, ['ignore', 'pipe', 'pipe']);
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const code = await ended(child);
  return { code, stdout, stderr };
}

function startAgentCommand(args: readonly string[], stdio: StdioOptions): ChildProcess {
  return spawn('at-agent', args, { stdio, env: { ...process.env, PATH: commandPath() } });
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('close', (code) => resolve(code ?? 1));
    child.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'ENOENT' ? 'it is not installed' : cause.message;
      reject(
        new AlphaTensorError(
          'UNAVAILABLE',
          `This needs the command at-agent on this machine (${why}); install the package @alphatensor-edge/agent beside this one.`,
          { cause },
        ),
      );
    });
  });
}

/** Makes the PATH in which at-agent is found. npm puts the commands of packages installed together into node_modules/.bin of a folder above them. */
export function commandPath(): string {
  const folders: string[] = [];
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    folders.push(join(folder, 'node_modules', '.bin'));
  }
  return [...folders, process.env.PATH ?? ''].join(delimiter);
}
