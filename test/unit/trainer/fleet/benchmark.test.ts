import { type FactorizationRecord, laderman, standard, strassen } from '@alphatensor-edge/shared';
import { expect, it } from 'vitest';
import { openPool } from '../../../../trainer/src/fleet/agent-pool.js';
import { benchmarkAll } from '../../../../trainer/src/fleet/benchmark.js';
import { DEVICE, measured, TASK } from '../../../support/agent.js';
import { type Answer, FakeAgent } from '../../../support/fake-agent.js';

const records: FactorizationRecord[] = [
  laderman(),
  strassen(),
  standard({ n: 2, m: 2, p: 2 }),
  standard({ n: 2, m: 1, p: 2 }),
].map((factorization) => ({ factorization, origin: 'imported' }));

it('measures on all agents of a pool at once, and keeps the order', async () => {
  let running = 0;
  let most = 0;
  const after =
    (milliseconds: number): Answer =>
    async ({ jobId }) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      running--;
      return measured(1.1, jobId);
    };
  // The first one takes longer, so that answers of the second come before its own.
  const [a, b] = [new FakeAgent(after(5)), new FakeAgent(after(1), DEVICE.cpuModel, 1)];
  const agents = [
    { name: 'a', client: a },
    { name: 'b', client: b },
  ];
  const pool = await openPool(agents, { share: true });
  const { rows, failures } = await benchmarkAll(pool, records, [TASK.problem], {
    ...{ backend: undefined, depth: 1, signal: new AbortController().signal, onProgress: () => undefined },
  });
  expect(failures).toEqual([]);
  expect(most).toBe(2);
  expect(Math.min(a.requests.length, b.requests.length)).toBeGreaterThan(0);
  expect(rows.map(({ algorithm }) => algorithm.rank)).toEqual(records.map(({ factorization }) => factorization.rank));
  pool.close();
});
