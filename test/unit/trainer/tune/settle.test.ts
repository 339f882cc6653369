import { expect, it } from 'vitest';
import { openPool } from '../../../../trainer/src/fleet/agent-pool.js';
import { settleTuning } from '../../../../trainer/src/tune/settle.js';
import { DESCRIPTION } from '../../../support/agent.js';
import { FakeAgent } from '../../../support/fake-agent.js';

it('a tuning run is settled on what its agent has', async () => {
  const agent = new FakeAgent();
  const [like] = DESCRIPTION.backends;
  agent.description = {
    ...agent.description,
    backends: [{ ...like, name: 'c-gcc', available: true, variants: ['packed', 'temporaries'] }],
  };
  const pool = await openPool([{ name: 'laptop', client: agent }]);
  const problem = { m: 96, k: 96, n: 96, dtype: 'f32', threads: 1 } as const;
  const wishes = {
    ...{ agent: 'laptop', problems: [problem, { ...problem, m: 64 }], backend: undefined, variant: undefined },
    ...{ levels: [0, 2] as [number, number], mixed: false, tunePlans: 8, seed: 3 },
    ...{ maxError: 4, prefer: 'fast' as const, candidates: 24, workspaceTimes: 1 },
  };
  expect(settleTuning(pool, wishes)).toEqual({
    ...{ agent: 'laptop', backend: 'c-gcc', variant: 'packed', problems: wishes.problems },
    ...{ levels: [0, 2], mixed: false, tunePlans: 8, seed: 3 },
    ...{ maxError: 4, prefer: 'fast', candidates: 24, workspaceTimes: 1 },
  });
  expect(settleTuning(pool, { ...wishes, variant: 'temporaries' })).toMatchObject({
    ...{ variant: 'temporaries', tunePlans: 0, workspaceTimes: null },
  });
  expect(() => settleTuning(pool, { ...wishes, backend: 'jax' })).toThrow('"jax" does not work');
  pool.close();
});
