import type { DescribeResponse, MeasuringProtocol } from '@alphatensor-edge/proto';
import { AlphaTensorError, boundBytes, type WorkspaceBound } from '@alphatensor-edge/shared';
import type { AgentProgress } from './agent-client.js';
import type { AgentPool } from './agent-pool.js';
import type { Candidate } from './algorithms.js';
import { type BackendChoice, backendOf } from './backend-choice.js';
import { type MeasurementRow, matrixBytes, type ProblemSpec } from './measurement.js';
import { measurementKey, resolveVariant } from './measurement-key.js';
import type { MeasurementStore } from './measurement-store.js';
import type { PoolDevice } from './pool-device.js';
import type { BenchmarkTask } from './request.js';

/** Holds what all measurements of a campaign share. */
export interface CampaignOptions {
  readonly backend: BackendChoice;
  /** Default: the backend's own. */
  readonly variant?: string | undefined;
  /** How many plans the agent tries first to find the fastest; default 0: only the plan that suits its caches. */
  readonly tunePlans?: number | undefined;
  /** Bounds the workspace of every program. Default: no bound. */
  readonly maxWorkspace?: WorkspaceBound | undefined;
  readonly protocol?: Partial<MeasuringProtocol> | undefined;
  /** Default: the agent's. */
  readonly compileTimeoutSeconds?: number | undefined;
  /** Rows are stored here as they arrive. A stored row is used instead of measuring again. */
  readonly store?: MeasurementStore | undefined;
  /** Measures again even if there is a stored row, for example because the protocol differs. */
  readonly fresh?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((agent: string, progress: AgentProgress) => void) | undefined;
  /** Called for a task without an outcome: refused by the agent, or lost with it. */
  readonly onFailure?: ((message: string) => void) | undefined;
}

/** Holds the row of a candidate on one device; undefined if there is no outcome. */
export interface DeviceMeasurement {
  readonly device: PoolDevice;
  readonly row?: MeasurementRow | undefined;
}

/**
 * Measures one candidate on one problem, on every device of the pool.
 * @returns one row for each device with an outcome; `onFailure` is called for the others
 */
export async function measureCandidate(
  pool: AgentPool,
  candidate: Candidate,
  problem: ProblemSpec,
  options: CampaignOptions,
): Promise<MeasurementRow[]> {
  const measurements = await measureOnDevices(pool, pool.devices, candidate, problem, options);
  return measurements.flatMap(({ row }) => row ?? []);
}

/**
 * Measures one candidate on one problem, on some devices of the pool. A row in the store is used instead of measuring again.
 * @param devices of this pool
 * @returns one entry for each device, in their order
 */
export async function measureOnDevices(
  pool: AgentPool,
  devices: readonly PoolDevice[],
  { levels, algorithm }: Candidate,
  problem: ProblemSpec,
  options: CampaignOptions,
): Promise<DeviceMeasurement[]> {
  const taskOn = (device: PoolDevice): BenchmarkTask => taskOf(levels, problem, device, options);
  const rows = new Map<PoolDevice, MeasurementRow>();
  for (const device of options.fresh ? [] : devices) {
    const stored = storedRow(device, taskOn(device), options.store);
    if (stored !== undefined) rows.set(device, stored);
  }
  const missing = devices.filter((device) => !rows.has(device));
  const results = await Promise.all(
    missing.map(async (device) => {
      const task = taskOn(device);
      const [result] = await pool.measure(task, {
        devices: [device],
        signal: options.signal,
        onProgress: options.onProgress,
      });
      return { device, task, result };
    }),
  );
  for (const { device, task, result } of results) {
    if (result.kind !== 'outcome') {
      // The user stopped it and needs no message, nor does who reads why the run failed.
      if (options.signal?.aborted || pool.isClosed) continue;
      options.onFailure?.(
        `${algorithm.label}: ${result.kind === 'refused' ? `refused: ${result.error.message}` : result.reason}`,
      );
      continue;
    }
    const { description, outcome } = result;
    if (
      task.maxWorkspaceBytes !== undefined &&
      outcome.workspaceBytes > task.maxWorkspaceBytes &&
      outcome.measurement
    ) {
      // Agents before there was a bound do not know its field.
      options.onFailure?.(`${algorithm.label}: ${result.agent} does not bound workspaces; update at-agent there.`);
      continue;
    }
    const row: MeasurementRow = {
      jobId: result.jobId,
      agent: result.agent,
      deviceId: device.id,
      device: requireDevice(description),
      backend: task.backend,
      variant: resolveVariant(task, description),
      algorithm,
      problem,
      outcome,
      createdAt: new Date().toISOString(),
    };
    options.store?.insert(row, measurementKey(task, { ...description, deviceId: device.id }), levels);
    rows.set(device, row);
  }
  return devices.map((device) => ({ device, row: rows.get(device) }));
}

/** Looks a candidate up in the store for every device, without measuring. */
export function recallCandidate(
  pool: AgentPool,
  { levels }: Pick<Candidate, 'levels'>,
  problem: ProblemSpec,
  options: CampaignOptions,
): DeviceMeasurement[] {
  return pool.devices.map((device) => {
    const task = taskOf(levels, problem, device, options);
    return { device, row: storedRow(device, task, options.store) };
  });
}

function taskOf(
  levels: Candidate['levels'],
  problem: ProblemSpec,
  device: PoolDevice,
  { backend, variant, tunePlans, maxWorkspace, protocol, compileTimeoutSeconds }: CampaignOptions,
): BenchmarkTask {
  return {
    levels,
    problem,
    backend: backendOf(backend, device),
    variant,
    tunePlans,
    maxWorkspaceBytes: boundBytes(maxWorkspace, matrixBytes(problem)),
    protocol,
    compileTimeoutSeconds,
  };
}

/** Finds the last conclusive row that an agent of the device has in the store. */
function storedRow(
  { id, agents }: PoolDevice,
  task: BenchmarkTask,
  store: MeasurementStore | undefined,
): MeasurementRow | undefined {
  const keys = new Set(agents.map(({ description }) => measurementKey(task, { ...description, deviceId: id })));
  return [...keys].flatMap((key) => store?.byKey(key).findLast(isConclusive) ?? [])[0];
}

/** Tells whether a stored row can be used again. One that was cancelled, or is not believed, cannot. */
export function isConclusive({ outcome: { kind } }: Pick<MeasurementRow, 'outcome'>): boolean {
  return kind !== 'OUTCOME_KIND_CANCELLED' && kind !== 'OUTCOME_KIND_UNSPECIFIED';
}

function requireDevice({ device }: DescribeResponse): NonNullable<DescribeResponse['device']> {
  if (device) return device;
  throw new AlphaTensorError('INTERNAL', 'The agent described no device; update the agent.');
}
