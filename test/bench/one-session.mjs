// Many algorithms on one agent in one session, for comparisons that must not depend on when something was measured.
import { connectAgent } from '../../trainer/dist/fleet/agent-client.js';
import { openPool } from '../../trainer/dist/fleet/agent-pool.js';
import { candidate } from '../../trainer/dist/fleet/algorithms.js';
import { measureCandidate } from '../../trainer/dist/fleet/campaign.js';
import { relativeTime } from '../../trainer/dist/fleet/latency-reward.js';
import { startProgram } from '../support/processes.mjs';

export function startRealAgent() {
  return startProgram('../../agent/bin/at-agent.js', ['serve', '--port', '0', '--json', '--backend', 'c-gcc']);
}

/**
 * t / t_baseline of each factorization, applied `depth` times, in their order, with `rounds` measurements of each: all in random
 * order, then all again. A measurement that comes to no figure ends it.
 * @returns for each factorization the geometric mean of its measurements
 */
export async function timesInOneSession(factorizations, { problem, depth, variant, seconds, rounds, random }) {
  const agent = await startRealAgent();
  const pool = await openPool([{ name: 'real', client: connectAgent(agent.address) }]);
  const logs = factorizations.map(() => 0);
  try {
    for (let round = 0; round < rounds; round++) {
      for (const index of random.shuffle([...factorizations.keys()])) {
        const measured = candidate({ factorization: factorizations[index], origin: 'imported' }, 'found', { depth });
        const [row] = await measureCandidate(pool, measured, problem, {
          backend: 'c-gcc',
          ...(variant === undefined ? {} : { variant }),
          protocol: { budgetSeconds: seconds, minRounds: 5 },
          onFailure: (message) => console.error(message),
        });
        const time = row && relativeTime(row.outcome);
        if (time === undefined)
          throw new Error(`An algorithm was not measured: ${row?.outcome.message ?? 'no outcome'}`);
        logs[index] += Math.log(time) / rounds;
      }
    }
  } finally {
    pool.close();
    await agent.end();
  }
  return logs.map(Math.exp);
}
