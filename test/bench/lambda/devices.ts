import { findToolchain } from '@alphatensor-edge/agent/backends/backends.js';
import type { CampaignOptions } from '@alphatensor-edge/trainer/fleet/campaign.js';
import type { ProblemSpec } from '@alphatensor-edge/trainer/fleet/measurement.js';
import { type RunningAgent, startAtAgent, startSleepingAgent } from '../../support/processes.js';

/** t / t_baseline of the synthetic device: a + b nonzeros. */
export const COST = { a: 0.2, b: 0.02 };

/** What algorithms are measured as; the same for every arm of an experiment. */
export interface Measured {
  readonly problem: ProblemSpec;
  /** Recursion levels. */
  readonly depth: number;
  /** Default: the backend's own. */
  readonly variant?: string;
  /** Default: c-gcc. */
  readonly backend?: string;
}

export const DEFAULT_BACKEND = 'c-gcc';

interface Device {
  readonly start: (backend: string) => Promise<RunningAgent>;
  readonly protocol: NonNullable<CampaignOptions['protocol']>;
}

export const DEVICES = {
  synthetic: {
    start: () => startSleepingAgent('--seconds', '0.02', '--cost', `${COST.a},${COST.b}`),
    protocol: {},
  },
  real: { start: startRealAgent, protocol: { budgetSeconds: 1, minRounds: 5 } },
} as const satisfies Record<string, Device>;
export type DeviceName = keyof typeof DEVICES;

/** at-agent on this machine, held to one compiler. */
export function startRealAgent(backend: string): Promise<RunningAgent> {
  return startAtAgent(['--port', '0', '--backend', backend]);
}

/** Says why a backend does not work on this machine, in the agent's own words. Undefined if it does. */
export async function whyMissing(backend: string): Promise<string | undefined> {
  const probe = await findToolchain(backend, new AbortController().signal);
  return probe.ok ? undefined : probe.reason;
}
