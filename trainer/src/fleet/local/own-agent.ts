import { realpathSync } from 'node:fs';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import type { AgentPool } from '../agent-pool.js';
import { connectAgents, LOCAL_AGENT } from '../session.js';
import { startLocalAgent } from './agent.js';

interface OwnAgent {
  readonly pool: AgentPool;
  /** Closes the pool, and ends the agent if it was started here. */
  close(): Promise<void>;
}

/**
 * Connects to the agent of this machine, or starts one for as long as it is needed.
 * @param libraries files of the BLAS libraries that a program uses: an agent that is started here compares with them, too; of one
 * that was there it is said which it does not know
 * @param onMessage gets one sentence for each thing that happens
 * @throws AlphaTensorError UNAVAILABLE if none answers and none can be started; INCOMPATIBLE_VERSION
 */
export async function ownAgent(libraries: readonly string[], onMessage: (text: string) => void): Promise<OwnAgent> {
  try {
    const pool = await connectAgents([LOCAL_AGENT], { onMessage });
    const known = pool.agents[0].description.backends.flatMap(({ blas }) =>
      blas.map(({ library }) => realPath(library)),
    );
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
  const agent = await startLocalAgent(libraries);
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

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
