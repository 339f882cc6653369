import type { MeasurementRow } from '../fleet/measurement.js';
import type { RunData } from '../run/reader.js';

/** Holds a stored measurement and the names of the runs that have it. */
export interface Sourced {
  readonly runs: readonly string[];
  readonly row: MeasurementRow;
}

/** Lists the names of the runs, numbered if two folders share one. */
export function uniqueNames(runs: readonly Pick<RunData, 'name'>[]): string[] {
  return runs.map(({ name }, index) => {
    const earlier = runs.slice(0, index).filter((run) => run.name === name).length;
    return earlier === 0 ? name : `${name} (${earlier + 1})`;
  });
}

/** Collects all jobs of all runs. A job that several runs hold (a copied store) counts once. */
export function collectJobs(runs: readonly RunData[]): Sourced[] {
  const names = uniqueNames(runs);
  const byJob = new Map<string, Sourced>();
  runs.forEach((run, index) => {
    for (const row of run.measurements) {
      const key = JSON.stringify([row.deviceId, row.jobId, row.createdAt]);
      const known = byJob.get(key);
      byJob.set(key, { runs: [...(known?.runs ?? []), names[index]], row });
    }
  });
  return [...byJob.values()];
}
