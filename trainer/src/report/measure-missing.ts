import { join } from 'node:path';
import type { FactorizationRecord } from '@alphatensor-edge/shared';
import type { AgentPool } from '../fleet/agent-pool.js';
import { measureCandidate } from '../fleet/campaign.js';
import { MEASUREMENTS_FILE, MeasurementStore } from '../fleet/measurement-store.js';
import { connectAgents, SHORT_PATIENCE } from '../fleet/session.js';
import { type MissingCell, missingCells } from './comparison.js';
import { formatProblem } from './format.js';
import { algorithmsOf } from './model.js';
import { readRuns } from './read-runs.js';
import { readReport } from './write.js';

interface MissingMeasured {
  /** Number of cells with an outcome now. */
  readonly measured: number;
  /** One sentence for each of the others. */
  readonly failures: readonly string[];
}

interface MeasureMissingOptions {
  /** Longest time for each cell. */
  readonly budgetSeconds: number;
  readonly signal: AbortSignal;
  readonly onMessage: (text: string) => void;
  readonly onProgress: (fraction: number, what: string) => void;
}

/**
 * Measures the missing cells of the comparison, each on its own device's agent, and stores the rows in `outDir`.
 * @throws AlphaTensorError as connectAgents; RESOURCE_EXHAUSTED if another process writes there
 */
export async function measureMissing(
  runDirs: readonly string[],
  outDir: string,
  agents: readonly string[] | undefined,
  { budgetSeconds, signal, onMessage, onProgress }: MeasureMissingOptions,
): Promise<MissingMeasured> {
  const report = readReport(runDirs, outDir);
  const algorithms = algorithmsOf(readRuns(runDirs));
  const missing = missingCells(report.comparisons);
  if (missing.length === 0) {
    onMessage('Every cell of the comparison is measured, or there is none.');
    return { measured: 0, failures: [] };
  }
  const nameOf = (id: string): string => report.devices.find((device) => device.id === id)?.name ?? id;
  const failures: string[] = [];
  let measured = 0;
  const pools = await connectEach(agents, onMessage);
  try {
    const store = MeasurementStore.open(join(outDir, MEASUREMENTS_FILE));
    try {
      for (const [index, cell] of missing.entries()) {
        signal.throwIfAborted();
        const device = nameOf(cell.setting.deviceId);
        const what = `${cell.algorithm.label} at ${formatProblem(cell.problem)} on ${device}`;
        onProgress(index / missing.length, what);
        const pool = pools.find((one) => one.agents[0].description.deviceId === cell.setting.deviceId);
        if (pool === undefined) failures.push(`${what}: none of the agents is this device; name it with --agent.`);
        else measured += await measureCell(cell, pool, store, algorithms, budgetSeconds, signal, failures);
      }
    } finally {
      store.close();
    }
    onProgress(1, 'done');
  } finally {
    for (const pool of pools) pool.close();
  }
  return { measured, failures };
}

/** Connects a pool for each agent, because each cell is for one device. */
async function connectEach(
  agents: readonly string[] | undefined,
  onMessage: (text: string) => void,
): Promise<AgentPool[]> {
  const pools: AgentPool[] = [];
  try {
    for (const name of agents ?? [undefined])
      pools.push(await connectAgents(name === undefined ? undefined : [name], { ...SHORT_PATIENCE, onMessage }));
    return pools;
  } catch (error) {
    for (const pool of pools) pool.close();
    throw error;
  }
}

async function measureCell(
  { algorithm, setting, problem }: MissingCell,
  pool: AgentPool,
  store: MeasurementStore,
  algorithms: ReadonlyMap<string, FactorizationRecord>,
  budgetSeconds: number,
  signal: AbortSignal,
  failures: string[],
): Promise<number> {
  const levels = algorithm.levels.flatMap((hash) => algorithms.get(hash)?.factorization ?? []);
  if (levels.length < algorithm.levels.length) {
    failures.push(`${algorithm.label}: no run kept the algorithm itself, so it cannot be measured again.`);
    return 0;
  }
  const { found: _, ...ref } = algorithm;
  // On this device the search did not find the algorithm, so it counts as imported.
  const role = ref.role === 'found' ? 'imported' : ref.role;
  const rows = await measureCandidate(pool, { levels, algorithm: { ...ref, role } }, problem, {
    backend: setting.backend,
    variant: setting.variant,
    store,
    // A row in the store may be the reason why the cell is missing.
    fresh: true,
    signal,
    protocol: { budgetSeconds, includeOwnGemm: true },
    onFailure: (message) => failures.push(message),
  });
  return rows.length;
}
