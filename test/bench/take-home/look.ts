import { join } from 'node:path';
import { gainOf } from '@alphatensor-edge/agent/intercept/gain.js';
import { readProcessProfiles } from '@alphatensor-edge/agent/intercept/process-profile.js';
import { withPrivateFolder } from '@alphatensor-edge/agent/process/private-folder.js';
import { programEnvironment } from './environment.js';
import type { Row } from './programs.js';
import { Session } from './session.js';

/** What a program does with a library before its BLAS. */
export interface Look {
  /** Of the products of one run, the second. */
  readonly calls: number;
  readonly takenCalls: number;
  /** What computed the products that were taken, each once; and why others were passed on. */
  readonly algorithms: readonly string[];
  readonly reasons: readonly string[];
  /** What the program's BLAS says of itself; and, of a Python program, what it says of its BLAS. */
  readonly libraries: readonly string[];
}

/** Runs a program twice with a library that counts. @throws Error with what the program says if it ends before */
export function lookAt(row: Row, library: string, threads: number, signal: AbortSignal): Promise<Look> {
  return withPrivateFolder(async (folder) => {
    const profile = { FASTMM_PROFILE: join(folder, '%p.json') };
    const session = new Session(row.command, programEnvironment(threads, library, profile), signal);
    await session.number('time');
    await session.number('time');
    await session.end();
    const profiles = readProcessProfiles(folder);
    const { calls, takenCalls, products } = gainOf(profiles);
    return {
      ...{ calls, takenCalls },
      algorithms: eachOnce(products.map(({ algorithm }) => algorithm)),
      reasons: eachOnce(products.map(({ reason }) => reason)),
      libraries: eachOnce(profiles.flatMap(({ libraries }) => libraries.map(({ path, config }) => config ?? path))),
    };
  });
}

function eachOnce(all: readonly (string | null)[]): string[] {
  return [...new Set(all.filter((one) => one !== null))];
}
