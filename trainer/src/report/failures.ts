import { statusOf } from './figures.js';
import { formatProblem } from './format.js';
import type { RowStatus } from './row.js';
import type { Sourced } from './sourced.js';

/** Groups the jobs that ended in the same way, without a measurement. */
export interface Failure {
  readonly deviceId: string;
  readonly backend: string;
  readonly status: RowStatus;
  readonly message: string;
  readonly jobs: number;
  readonly algorithms: readonly string[];
  readonly problems: readonly string[];
  /** The last output of the compiler or the program. */
  readonly diagnostics: string;
}

/** Collects what failed, alike jobs together. */
export function failuresOf(jobs: readonly Sourced[]): Failure[] {
  const byKind = new Map<string, Sourced[]>();
  for (const job of jobs) {
    if (statusOf(job.row) === 'MEASURED') continue;
    const { deviceId, backend, outcome } = job.row;
    const key = JSON.stringify([deviceId, backend, outcome.kind, outcome.message]);
    byKind.set(key, [...(byKind.get(key) ?? []), job]);
  }
  return [...byKind.values()].map((alike): Failure => {
    const last = alike[alike.length - 1].row;
    return {
      deviceId: last.deviceId,
      backend: last.backend,
      status: statusOf(last),
      message: last.outcome.message,
      jobs: alike.length,
      algorithms: [...new Set(alike.map(({ row }) => row.algorithm.label))],
      problems: [...new Set(alike.map(({ row }) => formatProblem(row.problem)))],
      diagnostics: last.outcome.diagnostics,
    };
  });
}
