import type { Backend, DescribeResponse, QueueState } from '@alphatensor-edge/proto';
import { messageOf } from '@alphatensor-edge/shared';
import { commonVersion, connectAgent } from './agent-client.js';
import { lastContact, noteContact } from './agent-contacts.js';

/** Holds what `agents list` shows for one agent. */
export interface AgentStatus {
  readonly name: string;
  readonly address: string;
  /** `up`: it takes jobs. `busy`: it measures. `lost`: it does not answer or cannot be used. */
  readonly state: 'up' | 'busy' | 'lost';
  /** When it last answered, ISO 8601; null: never. */
  readonly lastContact: string | null;
  /** The newest version that both sides speak. */
  readonly protocolVersion?: number | undefined;
  readonly description?: DescribeResponse | undefined;
  /** Why it is lost, one sentence. */
  readonly error?: string | undefined;
}

/** Asks all agents at once and records which of them answered. */
export async function fleetState(
  agents: readonly { readonly name: string; readonly address: string }[],
): Promise<AgentStatus[]> {
  const states = await Promise.all(agents.map(ask));
  noteContact(states.filter(({ state }) => state !== 'lost').map(({ address }) => address));
  return states;
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
    ['name', 'address', 'state', 'last contact', 'queue', 'agent', 'protocol', 'backends'],
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

function rowOf({ name, address, state, lastContact: at, protocolVersion, description, error }: AgentStatus, now: Date) {
  if (description === undefined) return [name, address, state, sinceWords(at, now), '', '', '', error ?? ''];
  const { agentVersion, backends, queue, device } = description;
  return [
    name,
    address,
    state,
    sinceWords(at, now),
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
