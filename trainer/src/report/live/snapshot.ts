import { basename, resolve } from 'node:path';
import { AlphaTensorError, messageOf } from '@alphatensor-edge/shared';
import { lastChange, runVersion } from '../../run/changes.js';
import { buildReport, type Report, readRun } from '../model.js';

/** A run as it is at one moment. */
export interface Snapshot {
  /** Changes whenever one of the run's files does. */
  readonly version: string;
  readonly report: Report;
  /** One sentence. */
  readonly status: string;
}

/** Reads a run folder again and again, and builds its report only where something changed. */
export class LiveRun {
  #last: Snapshot | undefined;

  constructor(private readonly runDir: string) {}

  /** Cheap: sizes and times of the run's files. */
  version(): string {
    return runVersion(this.runDir);
  }

  /** Never throws: a run that is not there yet, or cannot be read, is said in the status. */
  snapshot(): Snapshot {
    const version = this.version();
    if (this.#last?.version !== version) this.#last = { version, ...this.#read() };
    return this.#last;
  }

  #read(): Omit<Snapshot, 'version'> {
    try {
      const report = buildReport([readRun(this.runDir)]);
      const changed = lastChange(this.runDir);
      return { report, status: `Live: ${progressOf(report)}last change ${formatTime(changed)} UTC.` };
    } catch (error) {
      const isMissing = error instanceof AlphaTensorError && error.code === 'NOT_FOUND';
      const name = basename(resolve(this.runDir));
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
