import { arch } from 'node:os';
import { join } from 'node:path';
import { namedLibraries } from '@alphatensor-edge/agent/blas/named.js';
import { cacheFolder } from '@alphatensor-edge/agent/process/cache.js';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { installPackages } from '../common/venv.js';

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
  const problem = await installPackages(folder, packages(), signal);
  const { paths } = await namedLibraries(folder);
  if (problem !== undefined) {
    if (paths.length === 0) throw new AlphaTensorError('UNAVAILABLE', `--baselines pypi needs ${problem}.`);
    process.stderr.write(`note: the libraries installed earlier in ${folder} are used; newer ones need ${problem}.\n`);
  }
  process.env.ALPHATENSOR_BLAS = [folder, process.env.ALPHATENSOR_BLAS].filter(Boolean).join(':');
}
