import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The Python of a virtual environment. */
export function pythonOf(folder: string): string {
  return join(folder, 'bin', 'python');
}

/**
 * Installs packages of PyPI, the newest that fit, in a virtual environment, which is made if it is not there.
 * @param options of pip install, such as `--no-deps`
 * @returns what is missing, in words that follow "needs"; undefined: nothing
 */
export async function installPackages(
  folder: string,
  packages: readonly string[],
  signal: AbortSignal,
  options: readonly string[] = [],
): Promise<string | undefined> {
  if (!existsSync(pythonOf(folder))) {
    const made = await run('python3', ['-m', 'venv', folder], signal);
    if (!made.ok) {
      const how = 'for example with "apt-get install python3-venv python3-pip"';
      return `a Python that makes virtual environments (${made.complaint}); install it, ${how}`;
    }
  }
  process.stderr.write(`installing ${packages.join(' and ')} in ${folder}\n`);
  const always = ['--quiet', '--disable-pip-version-check', '--upgrade'];
  const installed = await run(pythonOf(folder), ['-m', 'pip', 'install', ...always, ...options, ...packages], signal);
  return installed.ok ? undefined : `${packages.join(' and ')} from PyPI, and pip says: ${installed.complaint}`;
}

/** Runs a program in this process's environment, which has the settings of pip and of proxies. */
async function run(
  command: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly ok: true } | { readonly ok: false; readonly complaint: string }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], signal });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => lines.push(...text.split('\n')));
  }
  try {
    const [code] = await once(child, 'close');
    if (code === 0) return { ok: true };
  } catch (error) {
    signal.throwIfAborted();
    lines.push(String(error));
  }
  return { ok: false, complaint: complaintOf(lines) };
}

/** The line that tells most: the first that pip calls an error, else the last one. */
function complaintOf(lines: readonly string[]): string {
  const said = lines.map((line) => line.trim()).filter((line) => line !== '');
  const line = said.find((each) => each.startsWith('ERROR: ')) ?? said.at(-1) ?? 'it says nothing';
  return line.replace(/^(ERROR|Error): /, '').replace(/\.$/, '');
}
