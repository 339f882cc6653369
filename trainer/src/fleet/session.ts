import { connectAgent } from './agent-client.js';
import { noteContact } from './agent-contacts.js';
import { type AgentPool, openPool, type PoolEvent, type PoolOptions } from './agent-pool.js';
import { resolveAgent } from './agent-registry.js';
import { sharingLines } from './pool-words.js';
import { copiedKeyWarnings } from './trust/copied-key.js';

/** Names the agent to measure on if the user names none: the default port of `at-agent serve` on this machine. */
export const LOCAL_AGENT = '127.0.0.1:50051';

/** A short patience for commands that somebody waits for. A run of hours has more patience. */
export const SHORT_PATIENCE: PoolOptions = { patienceSeconds: 30 };

interface SessionOptions extends Omit<PoolOptions, 'onEvent'> {
  /** Gets one sentence for each thing that happens to an agent. */
  readonly onMessage?: ((message: string) => void) | undefined;
}

/**
 * Connects to the agents that the user named, or to the one on this machine.
 * @throws AlphaTensorError NOT_FOUND, UNAVAILABLE, INCOMPATIBLE_VERSION, INVALID_ARGUMENT
 */
export async function connectAgents(
  names: readonly string[] = [LOCAL_AGENT],
  { onMessage, ...options }: SessionOptions = {},
): Promise<AgentPool> {
  const agents = [...new Set(names)].map((name) => ({ name, client: connectAgent(resolveAgent(name)) }));
  try {
    // The caller of the measurement reports a lost task itself.
    const onEvent = ({ kind, message }: PoolEvent): void => (kind === 'lost' ? undefined : onMessage?.(message));
    const pool = await openPool(agents, { ...options, onEvent });
    noteContact(agents.map(({ client }) => client.address));
    for (const line of [...sharingLines(pool), ...copiedKeyWarnings(names)]) onMessage?.(line);
    return pool;
  } catch (error) {
    for (const { client } of agents) client.close();
    throw error;
  }
}
