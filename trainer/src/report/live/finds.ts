import { statSync } from 'node:fs';
import { join } from 'node:path';
import { algorithmName } from '../../fleet/algorithms.js';
import { FACTORIZATIONS } from '../../run/factorizations.js';
import type { RunData } from '../../run/reader.js';

/** Holds an algorithm that a run kept. */
export interface Find {
  readonly words: string;
  readonly at: Date;
}

const SHOWN = 5;

/** Lists the last algorithms that a run kept, newest first. */
export function latestFinds({ folder, factorizations, algorithms }: RunData): Find[] {
  if (folder === undefined) return [];
  return factorizations
    .flatMap(({ file, hash, nonzeros }) => {
      const stats = statSync(join(folder, FACTORIZATIONS, file), { throwIfNoEntry: false });
      const record = algorithms.get(hash);
      if (stats === undefined || record === undefined) return [];
      return [{ words: `${algorithmName(record)} with ${nonzeros} nonzeros`, at: stats.mtime }];
    })
    .sort((a, b) => b.at.getTime() - a.at.getTime())
    .slice(0, SHOWN);
}
