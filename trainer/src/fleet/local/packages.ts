import { spawnSync } from 'node:child_process';
import type { Backend, DescribeResponse } from '@alphatensor-edge/proto';

/** Debian packages with a C compiler. */
const COMPILER_PACKAGES = ['gcc', 'libc6-dev'];
const BLAS_PACKAGES = ['libopenblas0-pthread'];

/** Tells whether a backend is a working C compiler. Other backends are used only on request. */
export function isCompiler({ name, available }: Backend): boolean {
  return available && name.startsWith('c-');
}

/** Lists the packages that this machine lacks to compile candidates and to compare them with a baseline. */
export function missingPackages({ backends }: DescribeResponse): string[] {
  const compilers = backends.filter(isCompiler);
  const hasBlas = compilers.some(({ blas }) => blas.some(({ thirdParty }) => thirdParty));
  return [...(compilers.length === 0 ? COMPILER_PACKAGES : []), ...(hasBlas ? [] : BLAS_PACKAGES)];
}

/** Sets how a person is asked and told about an installation. */
export interface InstallOptions {
  /** Installs without asking. */
  readonly yes: boolean;
  /** Asks a person. */
  readonly confirm: (question: string) => Promise<boolean>;
  /** Shows progress. */
  readonly note: (text: string) => void;
}

/**
 * Installs packages through apt. Asks first unless `yes` is set.
 * @returns whether anything was installed; if not, `note` gets the reason
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
    // apt's output goes to standard error, because standard output is for results.
    return spawnSync(command, rest, { stdio: ['ignore', 2, 2] }).status === 0;
  };
  note(`Installing ${names} through apt …`);
  if (apt('update', '-qq') && apt('install', '-y', '-qq', '--no-install-recommends', ...packages)) return true;
  note(`apt could not install ${names}; going on with what is there.`);
  return false;
}

/** Gives the words before apt-get: `env` as root, else sudo if it asks no password; undefined if neither works. */
function privilege(): string[] | undefined {
  if (process.getuid?.() === 0) return ['env', 'DEBIAN_FRONTEND=noninteractive'];
  if (spawnSync('sudo', ['-n', 'true']).status === 0) return ['sudo', '-n', 'env', 'DEBIAN_FRONTEND=noninteractive'];
  return undefined;
}
