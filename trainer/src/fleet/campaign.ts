import type { DescribeResponse, MeasuringProtocol } from '@alphatensor-edge/proto';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import type { AgentProgress } from './agent-client.js';
import type { AgentPool } from './agent-pool.js';
import type { Candidate } from './algorithms.js';
import type { MeasurementRow, ProblemSpec } from './measurement.js';
import { measurementKey, resolveVariant } from './measurement-key.js';
import type { MeasurementStore } from './measurement-store.js';

/** What all measurements of a campaign have in common. */
export interface CampaignOptions {
  readonly backend: string;
  /** Default: the backend's own. */
  readonly variant?: string;
  /** Plans that the agent tries first; default: none but its own. */
  readonly tunePlans?: number;
  readonly protocol?: Partial<MeasuringProtocol>;
  /** Rows are stored here as they arrive, and what is stored already is not measured again. */
  readonly store?: MeasurementStore;
  /** Measure again what is stored already, for example because the protocol is another. */
  readonly fresh?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (agent: string, progress: AgentProgress) => void;
  /** A task that ended without an outcome: refused by the agent, or lost with it. */
  readonly onFailure?: (message: string) => void;
}

/**
 * Measures one candidate on one problem, on every agent of the pool.
 * @returns one row for each agent that came to an outcome; the others were told to `onFailure`
 */
export async function measureCandidate(
  pool: AgentPool,
  { levels, algorithm }: Candidate,
  problem: ProblemSpec,
  options: CampaignOptions,
): Promise<MeasurementRow[]> {
  const task = {
    levels,
    problem,
    backend: options.backend,
    ...(options.variant === undefined ? {} : { variant: options.variant }),
    ...(options.tunePlans === undefined ? {} : { tunePlans: options.tunePlans }),
    ...(options.protocol ? { protocol: options.protocol } : {}),
  };
  const stored = pool.agents.map(({ description }) =>
    options.fresh ? undefined : options.store?.byKey(measurementKey(task, description)).findLast(isConclusive),
  );
  if (stored.every((row) => row !== undefined)) return stored;

  const results = await pool.measure(task, {
    ...(options.signal ? { signal: options.signal } : {}),
    ...(options.onProgress ? { onProgress: options.onProgress } : {}),
  });
  const rows: MeasurementRow[] = [];
  for (const result of results) {
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
    options.store?.insert(row, measurementKey(task, description));
    rows.push(row);
  }
  return rows;
}

/**
 * The backend to use: the one asked for, or the first that works on every agent.
 * @throws AlphaTensorError INVALID_ARGUMENT listing those available, UNAVAILABLE where none is
 */
export function chooseBackend(pool: AgentPool, asked: string | undefined): string {
  const available = pool.agents
    .map(({ description }) => description.backends.filter((backend) => backend.available).map(({ name }) => name))
    .reduce((common, names) => common.filter((name) => names.includes(name)));
  if (asked === undefined) {
    if (available.length > 0) return available[0];
    throw new AlphaTensorError(
      'UNAVAILABLE',
      'No backend works on every agent; run at-agent doctor on the devices to see what is missing.',
    );
  }
  if (!available.includes(asked)) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `The backend "${asked}" does not work on every agent; available are: ${available.join(', ') || 'none'}.`,
      { field: '--backend' },
    );
  }
  return asked;
}

/** Whether a stored row answers for its key: what the infrastructure cut short does not. */
function isConclusive({ outcome }: MeasurementRow): boolean {
  return outcome.kind !== 'OUTCOME_KIND_CANCELLED';
}

function requireDevice({ device }: DescribeResponse): NonNullable<DescribeResponse['device']> {
  if (device) return device;
  throw new AlphaTensorError('INTERNAL', 'The agent described no device; update the agent.');
}
