import { join } from 'node:path';
import { strassen } from '@alphatensor-edge/shared';
import { connectAgent } from '@alphatensor-edge/trainer/fleet/agent-client.js';
import { openPool } from '@alphatensor-edge/trainer/fleet/agent-pool.js';
import { candidate } from '@alphatensor-edge/trainer/fleet/algorithms.js';
import { measureOnDevices } from '@alphatensor-edge/trainer/fleet/campaign.js';
import { MeasurementStore } from '@alphatensor-edge/trainer/fleet/measurement-store.js';
import { startSleepingAgent } from '../../support/processes.js';

const PROBLEM = { m: 1024, k: 1024, n: 1024, dtype: 'f32', threads: 1 } as const;

/** Sleeping agents to start. */
export interface Fleet {
  /** Where its store is made. */
  readonly folder: string;
  /** Of the store; a fleet of its own name each time. */
  readonly name: string;
  readonly agents: number;
  readonly sleepSeconds: number;
}

/** @param action is given what takes one job through pool and store, and resolves to the seconds that its child slept */
export async function withFleet<Result>(
  { folder, name, agents: count, sleepSeconds }: Fleet,
  action: (measure: () => Promise<number>) => Promise<Result>,
): Promise<Result> {
  const agents = await Promise.all(
    Array.from({ length: count }, () => startSleepingAgent('--seconds', String(sleepSeconds))),
  );
  const clients = agents.map(({ address }, index) => ({ name: `agent-${index}`, client: connectAgent(address) }));
  const pool = await openPool(clients);
  const store = MeasurementStore.open(join(folder, `${name}.sqlite`));
  const measured = candidate({ factorization: strassen(), origin: 'imported' }, 'imported');
  try {
    return await action(async () => {
      const options = { backend: 'c-gcc', store, fresh: true } as const;
      const [{ row }] = await measureOnDevices(pool, pool.devices, measured, PROBLEM, options);
      if (row?.outcome.kind !== 'OUTCOME_KIND_MEASURED') throw new Error('A sleeping agent lost a job.');
      return row.outcome.compileSeconds;
    });
  } finally {
    pool.close();
    store.close();
    await Promise.all(agents.map((agent) => agent.end()));
  }
}
