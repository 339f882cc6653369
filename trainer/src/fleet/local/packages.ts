import { spawnSync } from 'node:child_process';
import type { Backend, DescribeResponse } from '@alphatensor-edge/proto';

/** Debian packages that bring what an agent misses. */
const COMPILER_PACKAGES = ['gcc', 'libc6-dev'];
const BLAS_PACKAGES = ['libopenblas0-pthread'];

/** A C compiler that works; other backends are for who asks for them. */
export function isCompiler({ name, available }: Backend): boolean {
  return available && name.startsWith('c-');
}

/** What is missing on this machine to compile candidates and to compare them with a baseline. */
export function missingPackages({ backends }: DescribeResponse): string[] {
  const compilers = backends.filter(isCompiler);
  const hasBlas = compilers.some(({ blas }) => blas.some(({ thirdParty }) => thirdParty));
  return [...(compilers.length === 0 ? COMPILER_PACKAGES : []), ...(hasBlas ? [] : BLAS_PACKAGES)];
}

export interface InstallOptions {
  /** Do not ask. */
  readonly yes: boolean;
  /** Asks a person. */
  readonly confirm: (question: string) => Promise<boolean>;
  /** Says what is going on. */
  readonly note: (text: string) => void;
}

/**
 * Installs packages through apt, after asking unless `yes`.
 * @returns whether anything was installed; `note` says why not
 */
export async function installPackages(
  packages: readonly string[],
  { yes, confirm, note }: InstallOptions,
): Promise<boolean> {
  const names = packages.join(' ');
  const prefix = privilege();
  if (spawnSync('apt-get', ['--version']).status !== 0 || prefix === undefined) {
    note(`Missing: ${names}. Install them with this system's package manager for a comparison with the baseline.`);
    return false;
  }
  if (!yes && !(await confirm(`Install ${names} through apt? [y/N] `))) {
    note(`Going on without ${names}.`);
    return false;
  }
  const apt = (...args: string[]): boolean => {
    const [command, ...rest] = [...prefix, 'apt-get', ...args];
    // Its own talk goes to standard error; standard output is for results.
    return spawnSync(command, rest, { stdio: ['ignore', 2, 2] }).status === 0;
  };
  note(`Installing ${names} through apt …`);
  if (apt('update', '-qq') && apt('install', '-y', '-qq', '--no-install-recommends', ...packages)) return true;
  note(`apt could not install ${names}; going on with what is there.`);
  return false;
}

/** What to put before apt-get: nothing as root, sudo where it asks no password; undefined where neither. */
function privilege(): string[] | undefined {
  if (process.getuid?.() === 0) return ['env', 'DEBIAN_FRONTEND=noninteractive'];
  if (spawnSync('sudo', ['-n', 'true']).status === 0) return ['sudo', '-n', 'env', 'DEBIAN_FRONTEND=noninteractive'];
  return undefined;
}
