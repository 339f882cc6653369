import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { arch } from 'node:os';
import { join } from 'node:path';
import { namedLibraries } from '@alphatensor-edge/agent/blas/named.js';
import { cacheFolder } from '@alphatensor-edge/agent/process/cache.js';
import { AlphaTensorError } from '@alphatensor-edge/shared';

/** The virtual environment that is used where none is named. */
export function defaultVenv(): string {
  return join(cacheFolder(), 'baselines');
}

/** The BLAS libraries of PyPI for this processor. MKL is made for one kind only. */
function packages(): string[] {
  return ['scipy-openblas32', ...(arch() === 'x64' ? ['mkl'] : [])];
}

/**
 * Installs the newest BLAS libraries of PyPI in a virtual environment, and has them looked at by this process. Where that fails, those
 * of an earlier installation stay in use, which is said.
 * @throws AlphaTensorError UNAVAILABLE if there are none
 */
export async function usePypi(folder: string, signal: AbortSignal): Promise<void> {
  const problem = await install(folder, signal);
  const { paths } = await namedLibraries(folder);
  if (problem !== undefined) {
    if (paths.length === 0) throw new AlphaTensorError('UNAVAILABLE', `--baselines pypi needs ${problem}.`);
    process.stderr.write(`note: the libraries installed earlier in ${folder} are used; newer ones need ${problem}.\n`);
  }
  process.env.ALPHATENSOR_BLAS = [folder, process.env.ALPHATENSOR_BLAS].filter(Boolean).join(':');
}

/** Says what is missing, in words that follow "needs". Undefined: nothing. */
async function install(folder: string, signal: AbortSignal): Promise<string | undefined> {
  const python = join(folder, 'bin', 'python');
  if (!existsSync(python)) {
    const made = await run('python3', ['-m', 'venv', folder], signal);
    if (!made.ok) {
      const how = 'for example with "apt-get install python3-venv python3-pip"';
      return `a Python that makes virtual environments (${made.complaint}); install it, ${how}`;
    }
  }
  process.stderr.write(`installing ${packages().join(' and ')} in ${folder}\n`);
  const options = ['--quiet', '--disable-pip-version-check', '--upgrade'];
  const installed = await run(python, ['-m', 'pip', 'install', ...options, ...packages()], signal);
  return installed.ok ? undefined : `${packages().join(' and ')} from PyPI, and pip says: ${installed.complaint}`;
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
