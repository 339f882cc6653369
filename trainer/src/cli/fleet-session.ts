import { connectAgent } from '../fleet/agent-client.js';
import { noteContact } from '../fleet/agent-contacts.js';
import { type AgentPool, openPool, type PoolEvent, type PoolOptions } from '../fleet/agent-pool.js';
import { resolveAgent } from '../fleet/agent-registry.js';
import { note } from './output.js';

/** Agents to measure on when the user names none: the default port of `at-agent serve` on this machine. */
export const LOCAL_AGENT = '127.0.0.1:50051';

/** For commands at whose end somebody waits; a run that goes on for hours has more patience. */
export const SHORT_PATIENCE: PoolOptions = { patienceSeconds: 30 };

/**
 * Connects to the agents a user named, or to the one on this machine. What happens to them is said on standard error.
 * @throws AlphaTensorError NOT_FOUND, UNAVAILABLE, INCOMPATIBLE_VERSION, INVALID_ARGUMENT
 */
export async function connectAgents(
  names: readonly string[] = [LOCAL_AGENT],
  options: PoolOptions = {},
): Promise<AgentPool> {
  const agents = [...new Set(names)].map((name) => ({ name, client: connectAgent(resolveAgent(name)) }));
  try {
    // Whoever asked for a measurement says that it was lost.
    const onEvent = ({ kind, message }: PoolEvent): void => (kind === 'lost' ? undefined : note(message));
    const pool = await openPool(agents, { ...options, onEvent });
    noteContact(agents.map(({ client }) => client.address));
    return pool;
  } catch (error) {
    for (const { client } of agents) client.close();
    throw error;
  }
}
