import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { AlphaTensorError, messageOf } from '@alphatensor-edge/shared';
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
    const hash = createHash('sha256');
    for (const line of fingerprints(this.runDir)) hash.update(line);
    return hash.digest('hex').slice(0, 16);
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

/** What of a run folder goes into its report. */
const WATCHED = ['config.json', 'metrics.jsonl', 'measurements.sqlite', 'measurements.sqlite-wal'];
const FACTORIZATIONS = 'factorizations';

function fingerprints(runDir: string): string[] {
  const found = list(join(runDir, FACTORIZATIONS)).map((name) => join(FACTORIZATIONS, name));
  return [...WATCHED, ...found].flatMap((name) => {
    const stats = statSync(join(runDir, name), { throwIfNoEntry: false });
    return stats === undefined ? [] : [`${name} ${stats.size} ${stats.mtimeMs}\n`];
  });
}

function lastChange(runDir: string): Date {
  const times = WATCHED.flatMap((name) => statSync(join(runDir, name), { throwIfNoEntry: false })?.mtimeMs ?? []);
  return new Date(Math.max(0, ...times));
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function formatTime(time: Date): string {
  return time.toISOString().slice(0, 19).replace('T', ' ');
}
