import { connectAgent } from './agent-client.js';
import { noteContact } from './agent-contacts.js';
import { type AgentPool, openPool, type PoolEvent, type PoolOptions } from './agent-pool.js';
import { resolveAgent } from './agent-registry.js';

/** Agents to measure on when the user names none: the default port of `at-agent serve` on this machine. */
export const LOCAL_AGENT = '127.0.0.1:50051';

/** For commands at whose end somebody waits; a run that goes on for hours has more patience. */
export const SHORT_PATIENCE: PoolOptions = { patienceSeconds: 30 };

export interface SessionOptions extends Omit<PoolOptions, 'onEvent'> {
  /** What happens to the agents, for people. */
  readonly onMessage?: ((message: string) => void) | undefined;
}

/**
 * Connects to the agents a user named, or to the one on this machine.
 * @throws AlphaTensorError NOT_FOUND, UNAVAILABLE, INCOMPATIBLE_VERSION, INVALID_ARGUMENT
 */
export async function connectAgents(
  names: readonly string[] = [LOCAL_AGENT],
  { onMessage, ...options }: SessionOptions = {},
): Promise<AgentPool> {
  const agents = [...new Set(names)].map((name) => ({ name, client: connectAgent(resolveAgent(name)) }));
  try {
    // Whoever asked for a measurement says that it was lost.
    const onEvent = ({ kind, message }: PoolEvent): void => (kind === 'lost' ? undefined : onMessage?.(message));
    const pool = await openPool(agents, { ...options, onEvent });
    noteContact(agents.map(({ client }) => client.address));
    return pool;
  } catch (error) {
    for (const { client } of agents) client.close();
    throw error;
  }
}
