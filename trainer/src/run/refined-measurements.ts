import { join } from 'node:path';
import { contentHash, type FactorizationRecord } from '@alphatensor-edge/shared';
import type { AgentPool } from '../fleet/agent-pool.js';
import { benchmarkAll, benchmarkProtocol } from '../fleet/benchmark.js';
import { type MeasurementRow, type ProblemSpec, problemWords } from '../fleet/measurement.js';
import { MEASUREMENTS_FILE, MeasurementStore } from '../fleet/measurement-store.js';
import type { RefinedMeasurement } from '../refine/refined.js';

/** Says where and how the points of a front are measured. */
export interface FrontMeasuring {
  readonly pool: AgentPool;
  readonly problems: readonly ProblemSpec[];
  /** Undefined: the first backend that works on every agent. */
  readonly backend: string | undefined;
  /** Longest time of one measurement, seconds. */
  readonly budgetSeconds: number;
  readonly onProgress: (fraction: number, what: string) => void;
  /** Called with one sentence for each measurement without a result. */
  readonly onFailure: (message: string) => void;
}

/**
 * Measures each factorization on each problem and agent, and keeps the rows in the run's store. What is there already is not measured again.
 * @returns for each factorization what was measured of it
 * @throws AlphaTensorError as benchmarkAll, and as MeasurementStore.open
 */
export async function measureFront(
  runDir: string,
  records: readonly FactorizationRecord[],
  { pool, problems, backend, budgetSeconds, onProgress, onFailure }: FrontMeasuring,
  signal: AbortSignal,
): Promise<RefinedMeasurement[][]> {
  const store = MeasurementStore.open(join(runDir, MEASUREMENTS_FILE));
  const protocol = benchmarkProtocol({
    ...{ budget: budgetSeconds, maxError: undefined, seed: undefined, sustained: undefined },
  });
  const measuring = benchmarkAll(pool, records, problems, {
    ...{ depth: 1, backend, protocol, store, signal, onProgress },
  });
  const { rows, failures } = await measuring.finally(() => store.close());
  for (const failure of failures) onFailure(failure);
  return records.map(({ factorization }) => {
    const hash = contentHash(factorization);
    const own = rows.filter(({ algorithm }) => algorithm.levels[0] === hash);
    return own.flatMap((row) => {
      const measured = measurementOf(row);
      if (measured === undefined) onFailure(`${row.algorithm.label} on ${row.agent}: ${row.outcome.message}`);
      return measured ?? [];
    });
  });
}

function measurementOf({ agent, problem, outcome: { measurement } }: MeasurementRow): RefinedMeasurement | undefined {
  if (!measurement?.speedup) return undefined;
  const { estimate, low, high } = measurement.speedup;
  const { relativeError, baselineRelativeError } = measurement;
  return {
    agent,
    problem: problemWords(problem),
    speedup: { estimate, low, high },
    relativeError,
    baselineRelativeError,
  };
}
