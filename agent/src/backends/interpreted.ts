import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { cachedFile } from '../process/cache.js';
import type { InterpretedChild } from '../process/harness.js';
import { type End, runProgram } from '../process/process.js';
import type { Compiled } from './backend.js';

// What the backends whose child is a script have in common.

/** Starting an interpreter, its libraries and, where there is one, a GPU. */
const PROBE_SECONDS = 60;

/** Lets a child say what it would compute with: one line of JSON if it works. */
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

/** The child compiles for the shapes that it is given; before that the source only gets its place. */
export async function keepSource(source: string, extension: string): Promise<Compiled> {
  const key = `${createHash('sha256').update(source).digest('hex')}.${extension}`;
  const { path, cached } = await cachedFile(key, (output) => writeFile(output, source));
  return { ok: true, path, cached, seconds: 0 };
}

/** Those of the named variables that are set. */
export function inherited(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
