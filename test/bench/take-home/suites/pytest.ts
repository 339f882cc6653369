import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryPath } from '../../../support/repository.js';
import { pythonOf } from '../../common/venv.js';
import { textOf } from './run.js';
import type { Suite } from './suite.js';

/** What the suites of Python need. */
export const PYTEST_PACKAGES = ['numpy', 'scipy', 'pytest', 'hypothesis'] as const;

/** The tests of linear algebra that NumPy and SciPy come with. */
export function pythonSuites(venv: string): Suite[] {
  return (['numpy', 'scipy'] as const).map((kind) => ({
    kind,
    name: `${kind}.linalg`,
    isMissing: () => (existsSync(pythonOf(venv)) ? undefined : `there is no Python in ${venv}`),
    run: async (cwd, env, signal) => {
      const file = join(cwd, 'outcomes.jsonl');
      const options = ['-q', '--tb=short', '-p', 'no:cacheprovider', '-p', 'outcomes'];
      const said = await textOf([pythonOf(venv), '-m', 'pytest', ...options, '--pyargs', `${kind}.linalg`], {
        ...{ cwd, signal },
        env: { ...env, PYTHONPATH: repositoryPath('test/bench/take-home/programs'), TAKE_HOME_OUTCOMES: file },
      });
      if (!existsSync(file)) throw new Error(said.trim().split('\n').at(-1) ?? 'it ended without a word');
      const lines = readFileSync(file, 'utf8').trim().split('\n');
      return new Map(lines.map((line) => JSON.parse(line)).map(({ test, ...outcome }) => [test, outcome]));
    },
  }));
}
