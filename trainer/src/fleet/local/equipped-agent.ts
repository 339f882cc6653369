import { connectAgent } from '../agent-client.js';
import { type LocalAgent, startLocalAgent } from './agent.js';
import { type InstallOptions, installPackages, isCompiler, missingPackages } from './packages.js';

interface EquippedAgent {
  readonly agent: LocalAgent;
  /** Whether a C compiler works. */
  readonly canMeasure: boolean;
}

/** Starts an agent on this machine, and installs a compiler and a BLAS for the baseline if possible. @throws AlphaTensorError UNAVAILABLE */
export async function startEquippedAgent(options: InstallOptions): Promise<EquippedAgent> {
  const agent = await startLocalAgent();
  try {
    const { missing, canMeasure } = await inspect(agent);
    if (missing.length === 0 || !(await installPackages(missing, options))) return { agent, canMeasure };
  } catch (error) {
    await agent.stop();
    throw error;
  }
  options.note('Starting the agent again, with what was installed.');
  await agent.stop();
  const equipped = await startLocalAgent();
  return { agent: equipped, canMeasure: (await inspect(equipped)).canMeasure };
}

async function inspect({ address }: LocalAgent): Promise<{ missing: string[]; canMeasure: boolean }> {
  const client = connectAgent(address);
  try {
    const description = await client.describe();
    return {
      missing: missingPackages(description),
      canMeasure: description.backends.some(isCompiler),
    };
  } finally {
    client.close();
  }
}
