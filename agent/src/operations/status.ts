import type { QueueState } from '@alphatensor-edge/proto';
import { agentIdentity, type Credentials } from '../trainer/credentials.js';
import type { Link } from '../trainer/link.js';
import type { EndedJob } from './job-record.js';

/** Describes the trainer that enrolled the device, as its agent sees it. */
export interface TrainerStatus {
  /** The name under which the device is enrolled. */
  readonly name: string;
  /** HOST:PORT. */
  readonly address: string;
  /** ISO 8601. The agent renews it by itself in the last third. */
  readonly certificateExpiresAt: string;
  /** Whether the link that the agent dialled stands. Null: it was not told to dial. */
  readonly connected: boolean | null;
}

/** Tells how the agent keeps from measuring while other agents of its host do. */
export interface HostLockStatus {
  /** The lock files. */
  readonly files: readonly string[];
  /** Why others may measure meanwhile that cannot be seen from here, one clause; empty if there can be none. */
  readonly doubt: string;
  /** Whose measurement has to end first, now. Null: nobody's. */
  readonly waitsFor: string | null;
}

/** Holds what a running agent says to those who run it (`at-agent status --json`). */
export interface AgentStatus {
  readonly pid: number;
  /** HOST:PORT as it is bound. */
  readonly address: string;
  readonly agentVersion: string;
  readonly deviceId: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Whether it was told to stop and only finishes the running job. */
  readonly draining: boolean;
  readonly queue: QueueState;
  /** Names of the backends that work. */
  readonly backends: readonly string[];
  readonly lastJob: EndedJob | null;
  readonly hostLock: HostLockStatus;
  /** Null on a device that is not enrolled. */
  readonly trainer: TrainerStatus | null;
}

/**
 * Describes the device's relation to its trainer.
 * @param credentials those in use now; undefined if it is not enrolled
 * @param connect the trainer that it was told to dial, or true for that of the enrolment
 */
export function trainerStatus(
  credentials: Credentials | undefined,
  connect: string | true | undefined,
  link: Link | undefined,
): TrainerStatus | null {
  if (credentials === undefined) return null;
  const { name, validTo } = agentIdentity(credentials);
  return {
    name,
    address: typeof connect === 'string' ? connect : credentials.trainer,
    certificateExpiresAt: validTo.toISOString(),
    connected: connect === undefined ? null : link?.connected === true,
  };
}
