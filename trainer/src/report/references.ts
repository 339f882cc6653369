import { existsSync, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import writeFileAtomic from 'write-file-atomic';
import { configFolder } from '../fleet/config-folder.js';
import type { RunData } from '../run/reader.js';
import { readRuns } from './read-runs.js';

// A reference is a report that is kept under a name, to compare later ones with. It is the page itself.

const NAME = /^[A-Za-z0-9][\w.-]{0,63}$/;
const SUFFIX = '.html';

/**
 * Keeps a page as a reference and returns its path.
 * @throws AlphaTensorError INVALID_ARGUMENT for a bad name or one that is taken
 */
export async function saveReference(name: string, page: string): Promise<string> {
  checkNewReference(name);
  await mkdir(folder(), { recursive: true });
  const path = pathOf(name);
  await writeFileAtomic(path, page, { mode: 0o600 });
  return path;
}

/** Refuses a name that cannot be given to a reference. @throws AlphaTensorError INVALID_ARGUMENT */
export function checkNewReference(name: string): void {
  if (!NAME.test(name)) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `"${name}" is not a name for a reference; use up to 64 letters, digits, . _ and -.`,
      { field: '--save-reference' },
    );
  }
  if (existsSync(pathOf(name))) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `A reference named ${name} exists already; choose another name, or delete ${pathOf(name)} first.`,
      { field: '--save-reference' },
    );
  }
}

/**
 * Reads the runs of a reference: of a name, or of a run folder or a page.
 * @throws AlphaTensorError NOT_FOUND, which lists the names there are, or UNSUPPORTED_FORMAT
 */
export function readReference(nameOrPath: string): { readonly name: string; readonly runs: RunData[] } {
  if (NAME.test(nameOrPath) && existsSync(pathOf(nameOrPath))) {
    return { name: nameOrPath, runs: readRuns([pathOf(nameOrPath)]) };
  }
  if (existsSync(nameOrPath)) return { name: basename(nameOrPath), runs: readRuns([nameOrPath]) };
  const names = referenceNames();
  throw new AlphaTensorError(
    'NOT_FOUND',
    `There is no reference, run folder or page "${nameOrPath}"; ${names.length > 0 ? `references are ${names.join(', ')}` : 'save one with at-trainer report RUN --save-reference NAME'}.`,
    { field: '--against' },
  );
}

function referenceNames(): string[] {
  const files = existsSync(folder()) ? readdirSync(folder()) : [];
  return files.filter((file) => file.endsWith(SUFFIX)).map((file) => file.slice(0, -SUFFIX.length));
}

function folder(): string {
  return join(configFolder(), 'references');
}

function pathOf(name: string): string {
  return join(folder(), name + SUFFIX);
}
