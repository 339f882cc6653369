import { type Dirent, type Stats, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isOptimized } from './file-names.js';

/** Holds what ALPHATENSOR_BLAS names: libraries to try, and what is wrong with each part of it that names none. */
export interface NamedLibraries {
  readonly paths: readonly string[];
  readonly problems: readonly NamedProblem[];
}

/** Says what is wrong with a part of ALPHATENSOR_BLAS, and what to do about it. */
export interface NamedProblem {
  readonly detail: string;
  readonly fix: string;
}

/** How deep a folder is searched. PyPI's lie five below that of a virtual environment: lib/python3/site-packages/NAME/lib. */
const MAX_DEPTH = 6;
/** Bounds the folders that are read for one name, so that naming a whole disk does not take minutes. */
const MAX_FOLDERS = 20_000;

/**
 * Finds the libraries that a list of files and folders, separated by ":", names. A file is taken whatever it is called; in a folder, such
 * as a virtual environment, those with the name of a BLAS are.
 */
export async function namedLibraries(list: string | undefined): Promise<NamedLibraries> {
  const paths: string[] = [];
  const problems: NamedProblem[] = [];
  for (const name of list?.split(':').filter(Boolean) ?? []) {
    const stats = statOf(name);
    if (stats === undefined) problems.push({ detail: `${name}, which does not exist`, fix: 'correct the path' });
    else if (!stats.isDirectory()) paths.push(name);
    else {
      const { libraries, isWhole } = await searchFolder(name);
      paths.push(...libraries);
      if (libraries.length === 0) problems.push(nothingIn(name, isWhole));
    }
  }
  return { paths, problems };
}

/** Says what is wrong with ALPHATENSOR_BLAS, a sentence for each part that names no library. */
export async function namedProblems(list = process.env.ALPHATENSOR_BLAS): Promise<string[]> {
  const { problems } = await namedLibraries(list);
  return problems.map(({ detail, fix }) => `ALPHATENSOR_BLAS names ${detail}; ${fix}.`);
}

function nothingIn(folder: string, isWhole: boolean): NamedProblem {
  if (!isWhole) {
    const detail = `${folder}, in whose first ${MAX_FOLDERS} folders there is no BLAS library`;
    return { detail, fix: "name the library's own folder" };
  }
  const detail = `${folder}, in which there is no BLAS library with 32-bit integers`;
  return {
    detail,
    fix: 'name another folder, for example a virtual environment after "pip install scipy-openblas32 mkl"',
  };
}

/** Looks through a folder, the nearest folders first. Links to folders are not followed. */
async function searchFolder(root: string): Promise<{ libraries: string[]; isWhole: boolean }> {
  const libraries: string[] = [];
  let folders = [root];
  let left = MAX_FOLDERS;
  for (let depth = 0; depth <= MAX_DEPTH && folders.length > 0; depth++) {
    const next: string[] = [];
    for (const folder of folders) {
      if (left-- === 0) return { libraries, isWhole: false };
      for (const entry of await entriesOf(folder)) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) next.push(path);
        else if (isOptimized(entry.name) && statOf(path)?.isFile()) libraries.push(path);
      }
    }
    folders = next;
  }
  return { libraries, isWhole: true };
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
