import { findToolchain } from '@alphatensor-edge/agent/backends/backends.js';
import { formatSize, type Size } from '@alphatensor-edge/shared';
import type { CampaignOptions } from '@alphatensor-edge/trainer/fleet/campaign.js';
import type { ProblemSpec } from '@alphatensor-edge/trainer/fleet/measurement.js';
import { type RunningAgent, startAtAgent, startSleepingAgent } from '../../support/processes.js';
import { refusal } from '../bench.js';

/** t / t_baseline of the synthetic device at <2,2,2>: a + b nonzeros. */
export const COST = { a: 0.2, b: 0.02 };
/** The nonzeros of a sparse algorithm of the best known rank, which shall take as long at each size. */
const SPARSE: Readonly<Record<string, number>> = { '<2,2,2>': 36, '<3,3,3>': 155 };

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
  readonly start: (backend: string, size: Size, base: number) => Promise<RunningAgent>;
  readonly protocol: NonNullable<CampaignOptions['protocol']>;
}

export const DEVICES = {
  synthetic: {
    start: (_, size, base) => startSleepingAgent('--seconds', '0.02', '--cost', `${base},${perNonzero(size)}`),
    protocol: {},
  },
  real: { start: startRealAgent, protocol: { budgetSeconds: 1, minRounds: 5 } },
} as const satisfies Record<string, Device>;
export type DeviceName = keyof typeof DEVICES;

function perNonzero(size: Size): number {
  const nonzeros = SPARSE[formatSize(size)];
  if (nonzeros === undefined) throw refusal(`The synthetic device knows ${Object.keys(SPARSE).join(' and ')} alone.`);
  return (COST.b * SPARSE['<2,2,2>']) / nonzeros;
}

/** at-agent on this machine, held to one compiler. */
export function startRealAgent(backend: string): Promise<RunningAgent> {
  return startAtAgent(['--port', '0', '--backend', backend]);
}

/** Says why a backend does not work on this machine, in the agent's own words. Undefined if it does. */
export async function whyMissing(backend: string): Promise<string | undefined> {
  const probe = await findToolchain(backend, new AbortController().signal);
  return probe.ok ? undefined : probe.reason;
}
