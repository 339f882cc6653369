import type { Blas } from '@alphatensor-edge/proto';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { afterEach, expect, it, vi } from 'vitest';
import { openPool } from '../../../../../trainer/src/fleet/agent-pool.js';
import { ownAgent, type Ways } from '../../../../../trainer/src/fleet/local/own-agent.js';
import { LOCAL_AGENT } from '../../../../../trainer/src/fleet/session.js';
import { DESCRIPTION } from '../../../../support/agent.js';
import { FakeAgent } from '../../../../support/fake-agent.js';

// Which BLAS an agent compares with that is started for a program: the one that the program uses.

const FASTEST = '/usr/lib/libblis.so.4';
const OF_PROGRAM = '/venv/numpy.libs/libscipy_openblas64_.so';

afterEach(() => vi.unstubAllEnvs());

/** An agent that knows these libraries, the fastest first. */
function knows(libraries: readonly string[]): FakeAgent {
  const [backend] = DESCRIPTION.backends;
  const agent = new FakeAgent();
  const blas = libraries.map((library): Blas => ({ ...backend.blas[0], library }));
  agent.description = { ...agent.description, backends: [{ ...backend, blas }] };
  return agent;
}

/** A machine where an agent serves or none does; one that is started knows these libraries, or the only one that it is told. */
function machine({ serving, started = [] }: { serving?: string[]; started?: string[] }) {
  const starts: { libraries: readonly string[]; only: string | undefined; isStopped: boolean }[] = [];
  const said: string[] = [];
  const ways: Ways = {
    connectAgents: async (names = []) => {
      const [name] = names;
      const libraries = name === LOCAL_AGENT ? serving : [starts.at(-1)?.only ?? started].flat();
      if (libraries === undefined) throw new AlphaTensorError('UNAVAILABLE', 'No agent answers.');
      return openPool([{ name, client: knows(libraries) }]);
    },
    startLocalAgent: async (libraries = [], only = undefined) => {
      const start = { libraries, only, isStopped: false };
      starts.push(start);
      const stop = async (): Promise<void> => {
        start.isStopped = true;
      };
      return { address: `127.0.0.1:${starts.length}`, stop };
    },
  };
  return { starts, said, own: (libraries: string[]) => ownAgent(libraries, (text) => said.push(text), ways) };
}

it("starts again with the program's own BLAS alone where another one is the fastest", async () => {
  const { starts, said, own } = machine({ started: [FASTEST, OF_PROGRAM] });
  const agent = await own(['/no/such/library.so', OF_PROGRAM]);
  expect(starts).toEqual([
    { libraries: ['/no/such/library.so', OF_PROGRAM], only: undefined, isStopped: true },
    { libraries: ['/no/such/library.so', OF_PROGRAM], only: OF_PROGRAM, isStopped: false },
  ]);
  expect(agent.pool.agents[0].description.backends[0].blas.map(({ library }) => library)).toEqual([OF_PROGRAM]);
  expect(said.at(-1)).toContain(`Compares with the program's own BLAS`);
  expect(said.at(-1)).toContain(OF_PROGRAM);
  await agent.close();
  expect(starts[1].isStopped).toBe(true);
});

it.for([
  ['is the fastest', [OF_PROGRAM, FASTEST], undefined],
  ['cannot be loaded alone', [FASTEST], undefined],
  ['is not the only one that was asked for', [FASTEST, OF_PROGRAM], FASTEST],
] as const)("keeps the agent that it started where the program's own BLAS %s", async ([, known, only]) => {
  vi.stubEnv('ALPHATENSOR_BLAS_ONLY', only);
  const { starts, own } = machine({ started: [...known] });
  await own([OF_PROGRAM]);
  expect(starts).toEqual([{ libraries: [OF_PROGRAM], only: undefined, isStopped: false }]);
});

it("takes the agent that is there, and says where that does not know the program's own BLAS", async () => {
  const { starts, said, own } = machine({ serving: [FASTEST] });
  await own([FASTEST, OF_PROGRAM]);
  expect(starts).toEqual([]);
  expect(said.filter((text) => text.includes('does not compare'))).toEqual([
    expect.stringContaining(`start it with ALPHATENSOR_BLAS=${OF_PROGRAM}`),
  ]);
});
