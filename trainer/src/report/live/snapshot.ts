import { basename, resolve } from 'node:path';
import { AlphaTensorError, messageOf } from '@alphatensor-edge/shared';
import { lastChange, runVersion } from '../../run/changes.js';
import { buildReport, type Report, readRun } from '../model.js';

/** Holds the state of a run at one moment. */
export interface Snapshot {
  /** Changes when one of the run's files changes. */
  readonly version: string;
  readonly report: Report;
  /** One sentence. */
  readonly status: string;
}

/** Reads a run folder again and again, and builds its report only if something changed. */
export class LiveRun {
  readonly #runDir: string;
  #last: Snapshot | undefined;

  constructor(runDir: string) {
    this.#runDir = runDir;
  }

  /** Computes the version from the sizes and times of the run's files, which is cheap. */
  version(): string {
    return runVersion(this.#runDir);
  }

  /** Reads the run if it changed. Never throws: if the run is missing or cannot be read, the status says so. */
  snapshot(): Snapshot {
    const version = this.version();
    if (this.#last?.version !== version) this.#last = { version, ...this.#read() };
    return this.#last;
  }

  #read(): Omit<Snapshot, 'version'> {
    try {
      const report = buildReport([readRun(this.#runDir)]);
      const changed = lastChange(this.#runDir);
      return { report, status: `Live: ${progressOf(report)}last change ${formatTime(changed)} UTC.` };
    } catch (error) {
      const isMissing = error instanceof AlphaTensorError && error.code === 'NOT_FOUND';
      const name = basename(resolve(this.#runDir));
      const status = isMissing
        ? `Waiting for the run ${name} to begin: its folder holds no run yet.`
        : `The run ${name} cannot be read now: ${messageOf(error)}`;
      return { report: buildReport([]), status };
    }
  }
}

function progressOf({ runs, jobs }: Report): string {
  const rank = runs[0]?.series.find(({ key }) => key === 'bestRank')?.points.at(-1)?.[1];
  const measured = `${jobs} ${jobs === 1 ? 'job' : 'jobs'} measured, `;
  return rank === undefined ? measured : `best rank ${rank}, ${measured}`;
}

function formatTime(time: Date): string {
  return time.toISOString().slice(0, 19).replace('T', ' ');
}
