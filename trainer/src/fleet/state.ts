import type { Backend, DescribeResponse, QueueState } from '@alphatensor-edge/proto';
import { messageOf } from '@alphatensor-edge/shared';
import { commonVersion, connectAgent } from './agent-client.js';
import { lastContact, noteContact } from './agent-contacts.js';
import { type Admission, admissions } from './trust/admissions.js';
import { copiedKeyLine, minute } from './trust/copied-key.js';

/** Holds what `agents list` shows for one agent. */
export interface AgentStatus {
  readonly name: string;
  readonly address: string;
  /**
   * `up`: it takes jobs. `busy`: it measures. `lost`: it does not answer or cannot be used. `invited`: its token is good and was not
   * used yet. `revoked`: it is refused.
   */
  readonly state: 'up' | 'busy' | 'lost' | 'invited' | 'revoked';
  /** When it last answered, ISO 8601; null: never. */
  readonly lastContact: string | null;
  /** The newest version that both sides speak. */
  readonly protocolVersion?: number | undefined;
  readonly description?: DescribeResponse | undefined;
  /** When the certificate of an enrolled agent expires, ISO 8601; null: not known yet. */
  readonly certificateExpires?: string | null | undefined;
  /** When two connections with its key were last seen at once, ISO 8601. */
  readonly keySeenTwice?: string | undefined;
  /** When its invitation ends, or when it was revoked, ISO 8601. */
  readonly at?: string | undefined;
  /** Why it is lost, one sentence. */
  readonly error?: string | undefined;
}

/** Asks all agents at once and records which of them answered. Lists those that are invited or revoked after them. */
export async function fleetState(
  agents: readonly { readonly name: string; readonly address: string }[],
): Promise<AgentStatus[]> {
  const states = await Promise.all(agents.map(ask));
  noteContact(states.filter(({ state }) => state !== 'lost').map(({ address }) => address));
  const admitted = admissions();
  return [
    ...states.map((status) => ({ ...status, ...certificateOf(status, admitted) })),
    ...admitted.flatMap(({ name, state, at }) =>
      state === 'enrolled' || at === null
        ? []
        : [{ name, address: '', state, lastContact: null, at: at.toISOString() }],
    ),
  ];
}

function certificateOf({ name }: AgentStatus, admitted: readonly Admission[]) {
  const agent = admitted.find((one) => one.name === name && one.state === 'enrolled');
  if (agent === undefined) return {};
  return {
    certificateExpires: agent.at?.toISOString() ?? null,
    ...(agent.doubledAt && { keySeenTwice: agent.doubledAt.toISOString() }),
  };
}

/** Warns of keys that two connections used at once, one line for each. */
export function copiedKeyLines(states: readonly AgentStatus[]): string[] {
  return states.flatMap(({ name, keySeenTwice }) =>
    keySeenTwice === undefined ? [] : [copiedKeyLine(name, keySeenTwice)],
  );
}

async function ask({ name, address }: { name: string; address: string }): Promise<AgentStatus> {
  const client = connectAgent(address);
  try {
    const description = await client.describe();
    const protocolVersion = commonVersion(description);
    return {
      name,
      address,
      state: jobsOf(description.queue) > 0 ? 'busy' : 'up',
      lastContact: new Date().toISOString(),
      protocolVersion,
      description,
    };
  } catch (error) {
    return { name, address, state: 'lost', lastContact: lastContact(address) ?? null, error: messageOf(error) };
  } finally {
    client.close();
  }
}

/** Formats a table with one line for each agent under a line of headings. */
export function stateLines(states: readonly AgentStatus[], now = new Date()): string[] {
  if (states.length === 0) return [];
  const rows = [
    ['name', 'address', 'state', 'last contact', 'certificate', 'queue', 'agent', 'protocol', 'backends'],
    ...states.map((status) => rowOf(status, now)),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column])))
      .join('  ')
      .trimEnd(),
  );
}

function rowOf(status: AgentStatus, now: Date): string[] {
  const { name, address, state, protocolVersion, description, error, certificateExpires, at } = status;
  if (at !== undefined) {
    const what = state === 'invited' ? `its token is good until ${minute(at)}` : `since ${minute(at)}`;
    return [name, address, state, '', '', '', '', '', what];
  }
  // An agent on this machine, in the clear, has none.
  const certificate =
    certificateExpires === undefined
      ? ''
      : certificateExpires === null
        ? 'unknown'
        : `until ${certificateExpires.slice(0, 10)}`;
  const start = [name, address, state, sinceWords(status.lastContact, now), certificate];
  if (description === undefined) return [...start, '', '', '', error ?? ''];
  const { agentVersion, backends, queue, device } = description;
  return [
    ...start,
    `${jobsOf(queue)} of ${1 + (queue?.capacityJobs ?? 0)}`,
    agentVersion,
    String(protocolVersion),
    `${backendWords(backends)} on ${device?.cpuModel ?? 'an unknown device'}`,
  ];
}

function jobsOf(queue: QueueState | null): number {
  return (queue?.runningJobs ?? 0) + (queue?.waitingJobs ?? 0);
}

function backendWords(backends: readonly Backend[]): string {
  const working = backends.filter(({ available }) => available).map(({ name }) => name);
  return working.join(', ') || 'no backend works';
}

function sinceWords(at: string | null, now: Date): string {
  if (at === null) return 'never';
  const seconds = Math.max(0, (now.getTime() - Date.parse(at)) / 1000);
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.round(seconds / 3600)} h ago`;
  return at.slice(0, 10);
}
