import type { Backend } from '@alphatensor-edge/proto';
import { describe, expect, it } from 'vitest';
import { type AgentPool, openPool } from '../../../../trainer/src/fleet/agent-pool.js';
import { references } from '../../../../trainer/src/fleet/algorithms.js';
import {
  backendOf,
  chooseBackends,
  formatChoice,
  requireDataTypes,
  requireTransposed,
  requireVariant,
} from '../../../../trainer/src/fleet/backend-choice.js';
import { measureCandidate } from '../../../../trainer/src/fleet/campaign.js';
import { DESCRIPTION, TASK } from '../../../support/agent.js';
import { FakeAgent } from '../../../support/fake-agent.js';

/** An agent with these backends, all of which work. */
function agentWith(...names: string[]): FakeAgent {
  const agent = new FakeAgent(undefined, names.join());
  const [like] = DESCRIPTION.backends;
  const backends: Backend[] = names.map((name) => ({
    ...like,
    name,
    available: true,
    dataTypes: name.startsWith('gpujs') ? ['DATA_TYPE_F32'] : ['DATA_TYPE_F32', 'DATA_TYPE_F64'],
  }));
  agent.description = { ...agent.description, backends };
  return agent;
}

const poolOf = (agents: Record<string, FakeAgent>): Promise<AgentPool> =>
  openPool(Object.entries(agents).map(([name, client]) => ({ name, client })));

describe('backends of a run', () => {
  it('are the first that all agents have, or the one asked for', async () => {
    const pool = await poolOf({ a: agentWith('c-gcc', 'c-clang'), b: agentWith('c-clang', 'c-gcc', 'jax') });
    expect(chooseBackends(pool, [])).toBe('c-gcc');
    expect(chooseBackends(pool, ['c-clang'])).toBe('c-clang');
    expect(() => chooseBackends(pool, ['jax'])).toThrow('"jax" does not work on every agent (on a: c-gcc, c-clang;');
  });

  it('are each agent’s only one where they have none in common', async () => {
    const pool = await poolOf({ a: agentWith('c-gcc'), b: agentWith('jax') });
    expect(formatChoice(chooseBackends(pool, []))).toEqual(['a=c-gcc', 'b=jax']);
    const several = await poolOf({ a: agentWith('c-gcc'), b: agentWith('jax', 'gpujs-cpu') });
    expect(() => chooseBackends(several, [])).toThrow(
      'b has several backends (jax, gpujs-cpu); say which with --backend b=NAME.',
    );
    const none = await poolOf({ a: agentWith('c-gcc'), b: agentWith() });
    expect(() => chooseBackends(none, [])).toThrow('No backend works on b; run at-agent doctor there');
  });

  it('are asked for by agent, also by address, and in general for the rest', async () => {
    const pool = await poolOf({ a: agentWith('c-gcc', 'jax'), 'host:50051': agentWith('c-gcc', 'c-clang', 'x') });
    expect(formatChoice(chooseBackends(pool, ['c-gcc', 'host:50051=x']))).toEqual(['a=c-gcc', 'host:50051=x']);
    expect(formatChoice(chooseBackends(pool, formatChoice(chooseBackends(pool, ['c-gcc', 'a=jax']))))).toEqual([
      'a=jax',
      'host:50051=c-gcc',
    ]);
  });

  it.each([
    [['c-gcc', 'jax'], 'One backend can be for all agents'],
    [['c=jax'], '"c=jax" is for an agent that this run does not have; it has a, b.'],
    [['a='], '"a=" names no backend'],
    [['a=julia', 'b=jax'], 'The backend "julia" does not work on a, which has c-gcc.'],
  ])('%j is refused', async (asked, why) => {
    const pool = await poolOf({ a: agentWith('c-gcc'), b: agentWith('jax') });
    expect(() => chooseBackends(pool, asked)).toThrow(why);
  });

  it('are one for agents that are one device', async () => {
    const agents = { a: agentWith('c-gcc', 'jax'), b: agentWith('c-gcc', 'jax') };
    agents.b.description = { ...agents.b.description, deviceId: 'b' };
    const clients = Object.entries(agents).map(([name, client]) => ({ name, client }));
    const pool = await openPool(clients, { share: true });
    expect(pool.devices).toHaveLength(1);
    expect(() => chooseBackends(pool, ['a=jax', 'b=c-gcc'])).toThrow('a and b share their work as one device');
  });

  it('refuse products that older agents, other variants or other backends would measure as if nothing lay transposed', async () => {
    const agent = agentWith('c-gcc');
    const pool = await poolOf({ laptop: agent });
    const problem = { ...TASK.problem, transposed: 'nt' } as const;
    const checked = (variant?: string) => requireTransposed(pool, 'c-gcc', variant, [TASK.problem, problem]);
    expect(() => checked()).toThrow(
      'c-gcc on laptop cannot measure a product with B transposed (nt); update at-agent there, or take the backend c-gcc or c-clang, if it has an older version or another backend.',
    );
    // Nor does whoever asks the pool without that check get a plain measurement.
    const [result] = await pool.measure({ ...TASK, backend: 'c-gcc', problem });
    expect(result).toMatchObject({ kind: 'refused', error: { code: 'INVALID_ARGUMENT' } });
    expect(agent.requests).toEqual([]);
    agent.description.backends[0].variants = ['packed', 'temporaries'];
    agent.description.backends[0].transposedVariants = ['packed'];
    expect(() => checked()).not.toThrow();
    expect(() => checked('temporaries')).toThrow('with B transposed (nt); take --variant packed.');
    await pool.measure({ ...TASK, backend: 'c-gcc', problem });
    expect(agent.requests[0].problem).toMatchObject({ transposeB: true });
  });

  it('refuse number formats that a device would refuse again and again', async () => {
    const pool = await poolOf({ a: agentWith('c-gcc'), b: agentWith('gpujs-cpu') });
    const choice = chooseBackends(pool, []);
    expect(() => requireDataTypes(pool, choice, [TASK.problem])).not.toThrow();
    expect(() => requireDataTypes(pool, choice, [{ ...TASK.problem, dtype: 'f64' }])).toThrow(
      'gpujs-cpu on b takes f32 but not f64; choose another --dtype',
    );
  });

  it('refuse a variant that one of the devices does not have', async () => {
    const pool = await poolOf({ a: agentWith('c-gcc') });
    const choice = chooseBackends(pool, []);
    expect(() => requireVariant(pool, choice, 'temporaries')).not.toThrow();
    expect(() => requireVariant(pool, choice, 'wrapped')).toThrow(
      'c-gcc on a has no variant "wrapped"; it has temporaries.',
    );
  });

  it('reach each device with its own', async () => {
    const agents = { a: agentWith('c-gcc'), b: agentWith('jax') };
    const pool = await poolOf(agents);
    const backend = chooseBackends(pool, []);
    const strassen = references()[1];
    const rows = await measureCandidate(pool, strassen, TASK.problem, { backend });
    expect(rows.map((row) => [row.agent, row.backend])).toEqual([
      ['a', 'c-gcc'],
      ['b', 'jax'],
    ]);
    expect(agents.a.requests.map((request) => request.backend)).toEqual(['c-gcc']);
    expect(agents.b.requests.map((request) => request.backend)).toEqual(['jax']);
    expect(backendOf(backend, pool.devices[1])).toBe('jax');
  });
});
