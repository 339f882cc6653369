import { basename, resolve } from 'node:path';
import { AlphaTensorError, messageOf } from '@alphatensor-edge/shared';
import { readStatusFile } from '../../cluster/status.js';
import { lastChange, runVersion } from '../../run/changes.js';
import { readRun } from '../../run/reader.js';
import { readRunState } from '../../run/state.js';
import { buildReport } from '../model.js';
import type { RunNow } from './run-page.js';

type Read = RunNow | { readonly name: string; readonly problem: string };

/** Most runs whose reports are kept in memory. */
const KEPT = 8;

/** Reads runs again and again, and builds a report only if something changed. */
export class RunsNow {
  readonly #kept = new Map<
    string,
    { readonly version: string; readonly read: Omit<RunNow, 'state' | 'changedAt' | 'cluster'> }
  >();

  /** Makes a text that changes whenever what the page of a run shows does. */
  version(runDir: string): string {
    const cluster = readStatusFile(runDir);
    return [runVersion(runDir), readRunState(runDir).state, ...(cluster === undefined ? [] : [cluster.at])].join('-');
  }

  /** Reads a run. Never throws: if the run is missing or cannot be read, it says so. */
  read(runDir: string): Read {
    const name = basename(resolve(runDir));
    try {
      const version = runVersion(runDir);
      const known = this.#kept.get(runDir);
      const read = known?.version === version ? known.read : readNow(runDir, name);
      this.#kept.delete(runDir);
      this.#kept.set(runDir, { version, read });
      for (const oldest of [...this.#kept.keys()].slice(0, -KEPT)) this.#kept.delete(oldest);
      return { ...read, state: readRunState(runDir), changedAt: lastChange(runDir), cluster: readStatusFile(runDir) };
    } catch (error) {
      const isMissing = error instanceof AlphaTensorError && error.code === 'NOT_FOUND';
      return {
        name,
        problem: isMissing
          ? `Waiting for the run ${name} to begin: its folder holds no run yet.`
          : `The run ${name} cannot be read now: ${messageOf(error)}`,
      };
    }
  }
}

function readNow(runDir: string, name: string): Omit<RunNow, 'state' | 'changedAt' | 'cluster'> {
  const run = readRun(runDir);
  return { name, run, report: buildReport([run]) };
}
