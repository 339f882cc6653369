import { afterEach, expect, it } from 'vitest';
import { type AgentPool, openPool } from '../../../../trainer/src/fleet/agent-pool.js';
import type { PoolDevice } from '../../../../trainer/src/fleet/pool-device.js';
import { deviceOfCell } from '../../../../trainer/src/report/measure-missing.js';
import { FakeAgent } from '../../../support/fake-agent.js';

let pool: AgentPool;
afterEach(() => pool.close());

/** Agents with equal hardware. */
const [left, right, absent] = [0, 1, 2].map((number) => new FakeAgent(undefined, 'Twin', number));
const ids = [left, right].map(({ description }) => description.deviceId);
const together = ids.join('+');
const openTwins = (share: boolean) =>
  openPool(
    [
      { name: 'left', client: left },
      { name: 'right', client: right },
    ],
    { share },
  );
const namesOf = (device: PoolDevice | string) =>
  typeof device === 'string' ? device : device.agents.map(({ name }) => name);

it('measures a missing cell on its own device, and says what to do for agents that shared their work', async () => {
  pool = await openTwins(false);
  expect(namesOf(deviceOfCell(pool, ids[1]))).toEqual(['right']);
  expect(deviceOfCell(pool, together)).toMatch(/add --pool/);
  expect(deviceOfCell(pool, absent.description.deviceId)).toMatch(/name it with --agent/);
  expect(deviceOfCell(pool, `${ids[0]}+${absent.description.deviceId}`)).toMatch(/name all of them with --agent/);
});

it('measures a cell of agents that shared their work on any of them with --pool, and no other cell', async () => {
  pool = await openTwins(true);
  expect(namesOf(deviceOfCell(pool, together))).toEqual(['left', 'right']);
  expect(deviceOfCell(pool, ids[0])).toMatch(/leave out --pool/);
});
