import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AlphaTensorError, loadFactorization } from '@alphatensor-edge/shared';

/**
 * The files that `--grow-from` means: files as they are, and of a run's folder its factorizations of the lowest rank.
 * @throws AlphaTensorError NOT_FOUND if a folder holds none
 */
export async function partFiles(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    if (existsSync(path) && statSync(path).isDirectory()) files.push(...(await bestOfRun(path)));
    else files.push(path);
  }
  return files;
}

async function bestOfRun(runDir: string): Promise<string[]> {
  const folder = join(runDir, 'factorizations');
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  if (names.length === 0) {
    throw new AlphaTensorError(
      'NOT_FOUND',
      `${runDir} holds no factorizations; give --grow-from a factorization file or the folder of a run that found some.`,
      { field: '--grow-from' },
    );
  }
  const found = await Promise.all(
    names.sort().map(async (name) => {
      const file = join(folder, name);
      return { file, rank: (await loadFactorization(file)).factorization.rank };
    }),
  );
  const lowest = Math.min(...found.map(({ rank }) => rank));
  return found.filter(({ rank }) => rank === lowest).map(({ file }) => file);
}
