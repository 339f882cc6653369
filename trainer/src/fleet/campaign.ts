import type { DescribeResponse, MeasuringProtocol } from '@alphatensor-edge/proto';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import type { AgentProgress } from './agent-client.js';
import type { AgentPool, PoolDevice } from './agent-pool.js';
import type { Candidate } from './algorithms.js';
import { type BackendChoice, backendOf } from './backend-choice.js';
import type { MeasurementRow, ProblemSpec } from './measurement.js';
import { measurementKey, resolveVariant } from './measurement-key.js';
import type { MeasurementStore } from './measurement-store.js';
import type { BenchmarkTask } from './request.js';

/** What all measurements of a campaign have in common. */
export interface CampaignOptions {
  readonly backend: BackendChoice;
  /** Default: the backend's own. */
  readonly variant?: string | undefined;
  /** Plans that the agent tries first; default: none but its own. */
  readonly tunePlans?: number | undefined;
  readonly protocol?: Partial<MeasuringProtocol> | undefined;
  /** Default: the agent's. */
  readonly compileTimeoutSeconds?: number | undefined;
  /** Rows are stored here as they arrive, and what is stored already is not measured again. */
  readonly store?: MeasurementStore | undefined;
  /** Measure again what is stored already, for example because the protocol is another. */
  readonly fresh?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((agent: string, progress: AgentProgress) => void) | undefined;
  /** A task that ended without an outcome: refused by the agent, or lost with it. */
  readonly onFailure?: ((message: string) => void) | undefined;
}

/** What a campaign knows of a candidate on one device; without a row where it came to no outcome. */
export interface DeviceMeasurement {
  readonly device: PoolDevice;
  readonly row?: MeasurementRow | undefined;
}

/**
 * Measures one candidate on one problem, on every device of the pool.
 * @returns one row for each device that came to an outcome; the others were told to `onFailure`
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
 * The same on some devices, in their order. What the store has of a device is not measured there again.
 * @param devices of this pool
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
  const hooks = {
    ...(options.signal ? { signal: options.signal } : {}),
    ...(options.onProgress ? { onProgress: options.onProgress } : {}),
  };
  const results = await Promise.all(
    missing.map(async (device) => {
      const task = taskOn(device);
      const [result] = await pool.measure(task, { devices: [device], ...hooks });
      return { device, task, result };
    }),
  );
  for (const { device, task, result } of results) {
    if (result.kind !== 'outcome') {
      // What was stopped on request needs no word.
      if (options.signal?.aborted) continue;
      options.onFailure?.(
        `${algorithm.label}: ${result.kind === 'refused' ? `refused: ${result.error.message}` : result.reason}`,
      );
      continue;
    }
    const { description, outcome } = result;
    const row: MeasurementRow = {
      jobId: result.jobId,
      agent: result.agent,
      deviceId: description.deviceId,
      device: requireDevice(description),
      backend: task.backend,
      variant: resolveVariant(task, description),
      algorithm,
      problem,
      outcome,
      createdAt: new Date().toISOString(),
    };
    options.store?.insert(row, measurementKey(task, description), levels);
    rows.set(device, row);
  }
  return devices.map((device) => ({ device, ...withRow(rows.get(device)) }));
}

/** What the store has of a candidate on every device, without measuring anything. */
export function recallCandidate(
  pool: AgentPool,
  { levels }: Pick<Candidate, 'levels'>,
  problem: ProblemSpec,
  options: CampaignOptions,
): DeviceMeasurement[] {
  return pool.devices.map((device) => {
    const task = taskOf(levels, problem, device, options);
    return { device, ...withRow(storedRow(device, task, options.store)) };
  });
}

function withRow(row: MeasurementRow | undefined): { row?: MeasurementRow } {
  return row === undefined ? {} : { row };
}

function taskOf(
  levels: Candidate['levels'],
  problem: ProblemSpec,
  device: PoolDevice,
  { backend, variant, tunePlans, protocol, compileTimeoutSeconds }: CampaignOptions,
): BenchmarkTask {
  return {
    levels,
    problem,
    backend: backendOf(backend, device),
    ...(variant === undefined ? {} : { variant }),
    ...(tunePlans === undefined ? {} : { tunePlans }),
    ...(protocol ? { protocol } : {}),
    ...(compileTimeoutSeconds === undefined ? {} : { compileTimeoutSeconds }),
  };
}

/** The last conclusive row of any of the device's agents. */
function storedRow(
  { agents }: PoolDevice,
  task: BenchmarkTask,
  store: MeasurementStore | undefined,
): MeasurementRow | undefined {
  const keys = new Set(agents.map(({ description }) => measurementKey(task, description)));
  return [...keys].flatMap((key) => store?.byKey(key).findLast(isConclusive) ?? [])[0];
}

/** Whether a stored row answers for its key: what the infrastructure cut short does not. */
function isConclusive({ outcome }: MeasurementRow): boolean {
  return outcome.kind !== 'OUTCOME_KIND_CANCELLED';
}

function requireDevice({ device }: DescribeResponse): NonNullable<DescribeResponse['device']> {
  if (device) return device;
  throw new AlphaTensorError('INTERNAL', 'The agent described no device; update the agent.');
}
