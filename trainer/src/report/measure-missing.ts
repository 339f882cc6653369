import { join } from 'node:path';
import type { FactorizationRecord } from '@alphatensor-edge/shared';
import type { AgentPool } from '../fleet/agent-pool.js';
import { measureOnDevices } from '../fleet/campaign.js';
import { MEASUREMENTS_FILE, MeasurementStore } from '../fleet/measurement-store.js';
import type { PoolDevice } from '../fleet/pool-device.js';
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
  /** Whether agents with equal hardware share the work as one device. Default: each is its own. */
  readonly share?: boolean | undefined;
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
  { share, budgetSeconds, signal, onMessage, onProgress }: MeasureMissingOptions,
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
  const pool = await connectAgents(agents, { ...SHORT_PATIENCE, share, onMessage });
  try {
    const store = MeasurementStore.open(join(outDir, MEASUREMENTS_FILE));
    try {
      for (const [index, cell] of missing.entries()) {
        signal.throwIfAborted();
        const device = nameOf(cell.setting.deviceId);
        const what = `${cell.algorithm.label} at ${formatProblem(cell.problem)} on ${device}`;
        onProgress(index / missing.length, what);
        const found = deviceOfCell(pool, cell.setting.deviceId);
        if (typeof found === 'string') failures.push(`${what}: ${found}`);
        else measured += await measureCell(cell, pool, found, { store, algorithms, budgetSeconds, signal, failures });
      }
    } finally {
      store.close();
    }
    onProgress(1, 'done');
  } finally {
    pool.close();
  }
  return { measured, failures };
}

/**
 * Finds the device that a cell is of: one agent, or all those that shared their work when it was measured.
 * @returns the device, or one sentence that says why there is none
 */
export function deviceOfCell(
  { devices, agents }: Pick<AgentPool, 'devices' | 'agents'>,
  id: string,
): PoolDevice | string {
  const device = devices.find((each) => each.id === id);
  if (device !== undefined) return device;
  const ids = id.split('+');
  const named = agents.filter(({ description }) => ids.includes(description.deviceId));
  if (named.length < ids.length && ids.length > 1)
    return `its ${ids.length} agents shared their work; name all of them with --agent, and add --pool.`;
  if (named.length === 0) return 'none of the agents is this device; name it with --agent.';
  return ids.length > 1
    ? 'its agents shared their work; add --pool.'
    : 'it is a device of its own there; leave out --pool.';
}

interface CellOptions {
  readonly store: MeasurementStore;
  readonly algorithms: ReadonlyMap<string, FactorizationRecord>;
  readonly budgetSeconds: number;
  readonly signal: AbortSignal;
  readonly failures: string[];
}

async function measureCell(
  { algorithm, setting, problem }: MissingCell,
  pool: AgentPool,
  device: PoolDevice,
  { store, algorithms, budgetSeconds, signal, failures }: CellOptions,
): Promise<number> {
  const levels = algorithm.levels.flatMap((hash) => algorithms.get(hash)?.factorization ?? []);
  if (levels.length < algorithm.levels.length) {
    failures.push(`${algorithm.label}: no run kept the algorithm itself, so it cannot be measured again.`);
    return 0;
  }
  const { found: _, ...ref } = algorithm;
  // On this device the search did not find the algorithm, so it counts as imported.
  const role = ref.role === 'found' ? 'imported' : ref.role;
  const [{ row }] = await measureOnDevices(pool, [device], { levels, algorithm: { ...ref, role } }, problem, {
    backend: setting.backend,
    variant: setting.variant,
    store,
    // A row in the store may be the reason why the cell is missing.
    fresh: true,
    signal,
    protocol: { budgetSeconds, includeOwnGemm: true },
    onFailure: (message) => failures.push(message),
  });
  return row === undefined ? 0 : 1;
}
