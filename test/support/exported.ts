import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, type TestContext } from 'vitest';
import { runAgent } from './agent-process.js';

// A library as people take it home: written by the commands from the build, then built with make alone.

/** How a command ended: its status, -1 if it could not be started or a signal ended it, and all that it said. */
export interface Ended {
  readonly code: number;
  readonly text: string;
}

/** Runs a command to its end. */
export function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd, env: { ...process.env, ...env } };
    const child = execFile(command, args, options, (error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? (error ? -1 : 0), text: stdout + stderr }),
    );
  });
}

/** Skips a test where a command is missing, and says which. */
export async function needs(context: TestContext, ...commands: string[]): Promise<void> {
  for (const command of commands) {
    const { code } = await run(command, ['--version'], tmpdir());
    context.skip(code !== 0, `${command} is not on this machine`);
  }
}

/** Makes a folder that is removed after the tests of the file. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'at-export-test-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Runs `at-agent export`. */
export const exportLibrary = (...args: string[]) => runAgent('export', ...args);
