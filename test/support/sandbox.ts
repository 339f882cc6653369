import { createHash } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * Folders of its own for everything a process may write to, and compilers that note what they are given, so that a test can
 * say all that the process did to its surroundings.
 */
export interface Sandbox {
  readonly folder: string;
  readonly cwd: string;
  readonly temporary: string;
  readonly cache: string;
  readonly state: string;
  readonly env: NodeJS.ProcessEnv;
  /** Every file in the sandbox but the compilers' notes, with what would tell that it was changed. */
  listing(): Map<string, string>;
  /** The text of every C source that any compiler was given. */
  compiledSources(): string[];
  remove(): void;
}

/** @param compilers their commands; one that is not installed stays absent */
export function makeSandbox(compilers: readonly string[]): Sandbox {
  const folder = mkdtempSync(join(tmpdir(), 'at-sandbox-'));
  const make = (name: string): string => {
    const path = join(folder, name);
    mkdirSync(path);
    return path;
  };
  const [cwd, home, temporary, cache, state, bin, notes] = ['cwd', 'home', 'tmp', 'cache', 'state', 'bin', 'notes'].map(
    make,
  );
  for (const command of compilers) {
    const real = findOnPath(command);
    if (real !== undefined) writeNotingCompiler(join(bin, command), real, notes);
  }
  return {
    folder,
    cwd,
    temporary,
    cache,
    state,
    env: {
      PATH: [bin, process.env.PATH].join(delimiter),
      HOME: home,
      TMPDIR: temporary,
      ALPHATENSOR_CACHE_DIR: cache,
      ALPHATENSOR_STATE_DIR: state,
    },
    listing: () => {
      const found = new Map<string, string>();
      list(folder, '', found);
      for (const path of found.keys()) if (path.startsWith('notes/')) found.delete(path);
      return found;
    },
    compiledSources: () =>
      readdirSync(notes)
        .filter((name) => name.endsWith('.c'))
        .map((name) => readFileSync(join(notes, name), 'utf8')),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/**
 * A note is complete before the compiler starts; one that was killed while it was written compiled nothing. What is compiled is
 * right and slow: optimizing would take most of a test's time, and tell it nothing.
 */
function writeNotingCompiler(path: string, real: string, notes: string): void {
  const script = `#!/bin/sh
for argument in "$@"; do
  case $argument in
    *.c) note=$(mktemp ${notes}/XXXXXXXXXX) && cp "$argument" "$note" && mv "$note" "$note.c" || exit 1 ;;
  esac
done
exec ${real} "$@" -O0
`;
  writeFileSync(path, script);
  chmodSync(path, 0o755);
}

function findOnPath(command: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, command))
    .find((path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined);
}

function list(root: string, below: string, found: Map<string, string>): void {
  for (const entry of readdirSync(join(root, below), { withFileTypes: true })) {
    const path = join(below, entry.name);
    if (entry.isDirectory()) {
      found.set(path, 'folder');
      list(root, path, found);
    } else {
      const { mode, ino } = lstatSync(join(root, path));
      const content = entry.isFile()
        ? createHash('sha256')
            .update(readFileSync(join(root, path)))
            .digest('hex')
        : '';
      found.set(path, `file ${ino}, mode ${mode.toString(8)}, ${content}`);
    }
  }
}
