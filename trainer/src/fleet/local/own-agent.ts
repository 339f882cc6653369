import { realpathSync } from 'node:fs';
import { type Blas, blasName } from '@alphatensor-edge/proto';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import type { AgentPool } from '../agent-pool.js';
import { connectAgents, LOCAL_AGENT } from '../session.js';
import { startLocalAgent } from './agent.js';

interface OwnAgent {
  readonly pool: AgentPool;
  /** Closes the pool, and ends the agent if it was started here. */
  close(): Promise<void>;
}

/** How agents are reached; tests have others. */
export interface Ways {
  readonly connectAgents: typeof connectAgents;
  readonly startLocalAgent: typeof startLocalAgent;
}

/**
 * Connects to the agent of this machine, or starts one for as long as it is needed.
 * @param libraries files of the BLAS libraries that a program uses, the most used first. An agent that is started here compares with
 * the first of them that works, because that is what the program would do without us; of one that was there it is said which it does
 * not know
 * @param onMessage gets one sentence for each thing that happens
 * @throws AlphaTensorError UNAVAILABLE if none answers and none can be started; INCOMPATIBLE_VERSION
 */
export async function ownAgent(
  libraries: readonly string[],
  onMessage: (text: string) => void,
  ways: Ways = { connectAgents, startLocalAgent },
): Promise<OwnAgent> {
  try {
    const pool = await ways.connectAgents([LOCAL_AGENT], { onMessage });
    const known = librariesOf(pool).map(({ library }) => realPath(library));
    for (const path of libraries.filter((one) => !known.includes(realPath(one)))) {
      onMessage(
        `The agent at ${LOCAL_AGENT} does not compare with the program's own BLAS, ${path}; start it with ALPHATENSOR_BLAS=${path} if that may be the fastest.`,
      );
    }
    return { pool, close: async () => pool.close() };
  } catch (error) {
    if (!(error instanceof AlphaTensorError) || error.code !== 'UNAVAILABLE') throw error;
  }
  onMessage(`No agent answers at ${LOCAL_AGENT}; starting one on this machine for this run.`);
  const agent = await startAgent(libraries, undefined, onMessage, ways);
  const all = librariesOf(agent.pool);
  const own = libraries.flatMap((path) => all.find(({ library }) => realPath(library) === realPath(path)) ?? [])[0];
  // Who asks for one library gets it, and whose own is the fastest has it already.
  if (own === undefined || process.env.ALPHATENSOR_BLAS_ONLY || own.library === all[0].library) return agent;
  onMessage(
    `Compares with the program's own BLAS, ${blasName(own)} (${own.library}); the fastest here on one thread is ${blasName(all[0])}.`,
  );
  await agent.close();
  return startAgent(libraries, own.library, onMessage, ways);
}

async function startAgent(
  libraries: readonly string[],
  only: string | undefined,
  onMessage: (text: string) => void,
  { connectAgents, startLocalAgent }: Ways,
): Promise<OwnAgent> {
  const agent = await startLocalAgent(libraries, only);
  try {
    const pool = await connectAgents([agent.address], { onMessage });
    return {
      pool,
      close: async () => {
        pool.close();
        await agent.stop();
      },
    };
  } catch (error) {
    await agent.stop();
    throw error;
  }
}

/** Lists the libraries that an agent knows, those of its first backend first, the fastest first. */
function librariesOf(pool: AgentPool): Blas[] {
  return pool.agents[0].description.backends.flatMap(({ blas }) => blas);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
