import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DATA } from '../common/paths.js';
import type { Published } from './recipes.js';

// Where the published schemes of the recipes lie on this machine.

/** Holds the folders that may have them. */
interface Places {
  /** The folder with clones of public repositories, each under its own name. */
  readonly clones: string | undefined;
  /** Where a scheme that is a part of another file is written. */
  readonly work: string;
}

/** Gives what commands take for a published scheme; undefined if this machine lacks it. */
export function locate({ spec, from }: Published, { clones, work }: Places): string | undefined {
  if (from === undefined) return spec;
  const root = from === 'data' ? DATA : clones;
  if (root === undefined) return undefined;
  const [path, part] = join(root, spec).split('#');
  if (!existsSync(path)) return undefined;
  return path.endsWith('.ipynb') ? fromNotebook(path, part, work) : join(root, spec);
}

/** Writes the lists that a notebook assigns to `decomposition_245` into a file of their own. */
function fromNotebook(path: string, size: string, work: string): string | undefined {
  const { cells } = JSON.parse(readFileSync(path, 'utf8')) as { cells: { source: string[] }[] };
  const assigned = `decomposition_${size.replaceAll(',', '')} = (`;
  const text = cells.map(({ source }) => source.join('')).find((each) => each.includes(assigned));
  if (text === undefined) return undefined;
  const file = join(work, `notebook-${size.replaceAll(',', 'x')}.txt`);
  writeFileSync(file, text.slice(text.indexOf(assigned)));
  return file;
}
