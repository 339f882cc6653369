import { existsSync, readdirSync } from 'node:fs';
import { formatSize, loadFactorizations, type VerifiedFactorization } from '../../shared/src/index.js';
import { dataPath } from './data.js';

export interface Published {
  readonly name: string;
  readonly factorization: VerifiedFactorization;
}

/** All published exact factorizations in standard arithmetic with no dimension over `largest`; none where the data is absent. */
export async function publishedFactorizations(largest: number): Promise<Published[]> {
  const files = [
    ...filesOf('fast-matrix-multiplication', (file) => file.endsWith('.json')),
    // What is only approximate is refused when it is read.
    ...filesOf('fast-matmul', (file) => /\d$|strassen$/.test(file)),
    ...filesOf('deepmind-alphatensor', (file) => file === 'factorizations_r.npz'),
  ];
  const found: Published[] = [];
  for (const [folder, file] of files) {
    for (const { factorization } of await loadFactorizations(dataPath(folder, file))) {
      const { size, rank } = factorization;
      if (Math.max(size.n, size.m, size.p) > largest) continue;
      found.push({ name: `${formatSize(size).slice(0, -1)};${rank}> of ${folder}/${file}`, factorization });
    }
  }
  return found;
}

function filesOf(folder: string, wanted: (file: string) => boolean): [folder: string, file: string][] {
  if (!existsSync(dataPath(folder))) return [];
  return readdirSync(dataPath(folder))
    .filter(wanted)
    .sort()
    .map((file) => [folder, file]);
}
