import type { Random, VerifiedFactorization } from '@alphatensor-edge/shared';
import { connectAgent } from '@alphatensor-edge/trainer/fleet/agent-client.js';
import { openPool } from '@alphatensor-edge/trainer/fleet/agent-pool.js';
import { candidate } from '@alphatensor-edge/trainer/fleet/algorithms.js';
import { measureCandidate } from '@alphatensor-edge/trainer/fleet/campaign.js';
import { relativeTime } from '@alphatensor-edge/trainer/fleet/latency-reward.js';
import { DEFAULT_BACKEND, type Measured, startRealAgent } from './devices.js';

export interface Session extends Measured {
  /** Of each measurement. */
  readonly seconds: number;
  readonly rounds: number;
  readonly random: Random;
}

/**
 * t / t_baseline of each factorization, applied `depth` times, on one agent in one session, so that a comparison does not
 * depend on when something was measured: all in random order, `rounds` times. A measurement that comes to no figure ends it.
 * @returns for each factorization, in their order, the geometric mean of its measurements
 */
export async function timesInOneSession(
  factorizations: readonly VerifiedFactorization[],
  { problem, depth, variant, backend = DEFAULT_BACKEND, seconds, rounds, random }: Session,
): Promise<number[]> {
  const agent = await startRealAgent(backend);
  const pool = await openPool([{ name: 'real', client: connectAgent(agent.address) }]);
  const logs = factorizations.map(() => 0);
  try {
    for (let round = 0; round < rounds; round++) {
      for (const index of random.shuffle([...factorizations.keys()])) {
        const measured = candidate({ factorization: factorizations[index], origin: 'imported' }, 'found', { depth });
        const [row] = await measureCandidate(pool, measured, problem, {
          backend,
          ...(variant === undefined ? {} : { variant }),
          protocol: { budgetSeconds: seconds, minRounds: 5 },
          onFailure: (message) => console.error(message),
        });
        const time = row && relativeTime(row.outcome);
        if (time === undefined) {
          throw new Error(`An algorithm was not measured: ${row?.outcome.message ?? 'no outcome'}`);
        }
        logs[index] += Math.log(time) / rounds;
      }
    }
  } finally {
    pool.close();
    await agent.end();
  }
  return logs.map(Math.exp);
}
