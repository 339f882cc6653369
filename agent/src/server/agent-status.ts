import type { QueueState } from '@alphatensor-edge/proto';
import type { EndedJob } from './job-record.js';

/** What a running agent says of itself to those who run it (`at-agent status --json`). */
export interface AgentStatus {
  readonly pid: number;
  /** HOST:PORT as it is bound. */
  readonly address: string;
  readonly agentVersion: string;
  readonly deviceId: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Whether it was told to stop and only lets the running job end. */
  readonly draining: boolean;
  readonly queue: QueueState;
  /** Names of the backends that work. */
  readonly backends: readonly string[];
  readonly lastJob: EndedJob | null;
}
