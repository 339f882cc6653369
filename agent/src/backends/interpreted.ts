import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { cachedFile } from '../process/cache.js';
import type { End } from '../process/end.js';
import type { InterpretedChild } from '../process/harness.js';
import { runProgram } from '../process/process.js';
import type { Compiled } from './backend.js';

// Holds what the backends whose child is a script have in common.

/** The time to start an interpreter, its libraries and, if there is one, a GPU. */
const PROBE_SECONDS = 60;

/** Asks a child to describe what it would compute with. It prints one line of JSON if it works. */
export function askToDescribe({ command, args, env }: InterpretedChild): Promise<End> {
  return runProgram({
    command,
    args: [...args, '--describe'],
    cwd: '/',
    env,
    signal: new AbortController().signal,
    deadlineSeconds: PROBE_SECONDS,
  });
}

/**
 * Keeps a source under the file name that the child expects. The child itself compiles it, for the shapes that it is
 * given.
 */
export async function keepSource(source: string, extension: string): Promise<Compiled> {
  const key = `${createHash('sha256').update(source).digest('hex')}.${extension}`;
  const { path, cached } = await cachedFile(key, (output) => writeFile(output, source));
  return { ok: true, path, cached, seconds: 0 };
}

/** Gives the named environment variables that are set. */
export function inherited(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
