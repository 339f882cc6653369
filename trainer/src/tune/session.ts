import {
  DISPATCH_FORMAT,
  DISPATCH_VERSION,
  type DispatchTable,
  type FactorizationRecord,
} from '@alphatensor-edge/shared';
import type { AgentPool } from '../fleet/agent-pool.js';
import { problemWords } from '../fleet/measurement.js';
import type { MeasurementStore } from '../fleet/measurement-store.js';
import { candidatesFor } from './candidates.js';
import { dispatchEntry } from './dispatch.js';
import type { TuneSettings } from './settings.js';
import { type Tuned, tuneProblem } from './tune.js';

interface TuneSessionOptions {
  /** A pool of one agent. */
  readonly pool: AgentPool;
  readonly store: MeasurementStore;
  /** Ends the search. The table holds what was measured until then. */
  readonly signal: AbortSignal;
  readonly onProgress: (fraction: number, what: string) => void;
  /** Shows progress. */
  readonly onMessage: (text: string) => void;
}

export interface TunedProblems {
  readonly table: DispatchTable;
  /** Number of problems that were not measured to the end. */
  readonly unfinished: number;
  /** Number of measurements without an outcome. */
  readonly failures: number;
}

/** Searches one problem after the other and makes a table of the results. If `signal` ends it early, the table holds what was measured. */
export async function tuneProblems(
  records: readonly FactorizationRecord[],
  settings: TuneSettings,
  { pool, store, signal, onProgress, onMessage }: TuneSessionOptions,
): Promise<TunedProblems> {
  const { problems, backend, variant, tunePlans, seed, secondsForEach } = settings;
  const tuned: Tuned[] = [];
  let failures = 0;
  for (const [index, problem] of problems.entries()) {
    const candidates = candidatesFor(records, problem, settings);
    onMessage(`${problemWords(problem)}: ${candidates.length} candidates and the own GEMM`);
    tuned.push(
      await tuneProblem(candidates, problem, {
        ...{ pool, store, backend, variant, signal, tunePlans, seed, secondsForEach },
        onProgress: (fraction, what) =>
          onProgress((index + fraction) / problems.length, `${problemWords(problem)}: ${what}`),
        onFailure: (message) => {
          failures++;
          onMessage(`warning: ${message}`);
        },
      }),
    );
  }
  onProgress(1, 'done');
  const unfinished = tuned.filter(({ rows }) => rows === undefined).length;
  return { table: dispatchTable(settings, pool, tuned), unfinished, failures };
}

function dispatchTable(
  { agent, backend, variant }: TuneSettings,
  pool: AgentPool,
  tuned: readonly Tuned[],
): DispatchTable {
  const { description } = pool.agents[0];
  const last = tuned.flatMap(({ rows }) => rows ?? []).findLast(({ outcome }) => outcome.environment);
  const withoutMarks = <T extends object>(message: T): Record<string, unknown> =>
    // proto-loader adds a second field `_name` for each optional field.
    Object.fromEntries(Object.entries(message).filter(([name]) => !name.startsWith('_')));
  return {
    format: DISPATCH_FORMAT,
    version: DISPATCH_VERSION,
    createdAt: new Date().toISOString(),
    device: { agent, deviceId: description.deviceId, ...withoutMarks(description.device ?? {}) },
    backend,
    variant,
    environment: last?.outcome.environment ? withoutMarks(last.outcome.environment) : null,
    entries: tuned.map(({ problem, rows }) => dispatchEntry(problem, rows)),
  };
}
