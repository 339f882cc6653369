import type { Backend, DescribeResponse } from '@alphatensor-edge/proto';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { describe, expect, it } from 'vitest';
import type { BenchmarkCallOptions } from '../../../../trainer/src/fleet/agent-client.js';
import { openPool, type PoolEvent, type PoolOptions } from '../../../../trainer/src/fleet/agent-pool.js';
import { sharingLines } from '../../../../trainer/src/fleet/pool-words.js';
import { DEVICE, measured, outcome, TASK } from '../../../support/agent.js';
import { type Answer, FakeAgent } from '../../../support/fake-agent.js';

const unavailable = (): AlphaTensorError => new AlphaTensorError('UNAVAILABLE', 'The agent went away.');

/** A pool whose waits take no time, and what it said. */
async function pool(agents: Record<string, FakeAgent>, options: PoolOptions = {}) {
  const events: PoolEvent[] = [];
  const waits: number[] = [];
  const made = await openPool(
    Object.entries(agents).map(([name, client]) => ({ name, client })),
    {
      onEvent: (event) => events.push(event),
      sleep: async (ms, signal) => {
        waits.push(ms);
        await new Promise((resolve) => setTimeout(resolve, 1));
        signal.throwIfAborted();
      },
      ...options,
    },
  );
  return { pool: made, events, waits, kinds: () => events.map(({ kind }) => kind) };
}

function whenAborted({ signal }: BenchmarkCallOptions): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(new AlphaTensorError('CANCELLED', 'Cancelled.')));
  });
}

describe('measuring', () => {
  it('measures once on every device, or on those asked for', async () => {
    const [a, b] = [new FakeAgent(), new FakeAgent(undefined, 'Other CPU')];
    const { pool: agents } = await pool({ a, b });
    const everywhere = await agents.measure(TASK);
    expect(everywhere.map(({ kind, agent }) => [kind, agent])).toEqual([
      ['outcome', 'a'],
      ['outcome', 'b'],
    ]);
    expect(new Set(everywhere.map(({ jobId }) => jobId)).size).toBe(2);
    const [only] = await agents.measure(TASK, { devices: [agents.devices[1]] });
    expect(only.agent).toBe('b');
    expect([a.requests.length, b.requests.length]).toEqual([1, 2]);
  });

  it('lets agents of equal description share the jobs of one device where it is said so, each one at a time', async () => {
    let running = 0;
    let most = 0;
    const answer: Answer = async ({ jobId }) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
      return measured(1, jobId);
    };
    const [a, b] = [new FakeAgent(answer), new FakeAgent(answer, DEVICE.cpuModel, 1)];
    const { pool: agents } = await pool({ a, b }, { share: true });
    await Promise.all(Array.from({ length: 6 }, () => agents.measure(TASK)));
    expect(agents.devices.map((device) => device.agents.map(({ name }) => name))).toEqual([['a', 'b']]);
    expect(agents.devices[0].id).toBe(`${a.description.deviceId}+${b.description.deviceId}`);
    expect(sharingLines(agents)).toEqual(['a and b have equal hardware and share their work as one device.']);
    expect(most).toBe(2);
    expect([a.requests.length, b.requests.length]).toEqual([3, 3]);
  });

  it('takes agents of equal description for two devices otherwise, and says that they could share', async () => {
    const [a, b] = [new FakeAgent(), new FakeAgent(undefined, DEVICE.cpuModel, 1)];
    const { pool: agents } = await pool({ a, b });
    expect(agents.devices.map(({ id }) => id)).toEqual([a.description.deviceId, b.description.deviceId]);
    expect((await agents.measure(TASK)).map(({ agent }) => agent)).toEqual(['a', 'b']);
    expect(sharingLines(agents)).toEqual([
      expect.stringMatching(/^a and b say that .* unless --pool lets them share\.$/),
    ]);
    agents.close();
  });

  it('refuses two agents that answer with one device id, as a pair', async () => {
    const agents = { a: new FakeAgent(), b: new FakeAgent(undefined, DEVICE.cpuModel, 1), copy: new FakeAgent() };
    for (const share of [false, true]) {
      await expect(pool(agents, { share })).rejects.toMatchObject({
        code: 'NOT_BELIEVED',
        message: expect.stringMatching(/^a and copy answer with one device id .* neither is believed/),
      });
    }
  });

  it('tells devices that share apart by hardware, compiler and baseline', async () => {
    let number = 0;
    const other = (change: (description: DescribeResponse) => DescribeResponse): FakeAgent => {
      const agent = new FakeAgent(undefined, DEVICE.cpuModel, ++number);
      agent.description = change(agent.description);
      return agent;
    };
    const withBackend = (change: Partial<Backend>) =>
      other((said) => ({ ...said, backends: [{ ...said.backends[0], ...change }] }));
    const { pool: agents } = await pool(
      {
        a: new FakeAgent(),
        blis: withBackend({ blas: [{ ...new FakeAgent().description.backends[0].blas[0], name: 'BLIS' }] }),
        told: withBackend({
          blas: [{ ...new FakeAgent().description.backends[0].blas[0], environment: { OPENBLAS_CORETYPE: 'Haswell' } }],
        }),
        gcc13: withBackend({ compiler: 'gcc 13' }),
        cores: other((said) => ({ ...said, device: { ...DEVICE, physicalCores: 8 } })),
        twin: other((said) => ({ ...said, deviceId: 'another', device: { ...DEVICE, hostname: 'another' } })),
      },
      { share: true },
    );
    const names = agents.devices.map((device) => device.agents.map(({ name }) => name));
    expect(names).toEqual([['a', 'twin'], ['blis'], ['told'], ['gcc13'], ['cores']]);
    agents.close();
  });

  it('passes progress on under the agent that makes it', async () => {
    const a = new FakeAgent(async ({ jobId }, { onProgress }) => {
      onProgress?.({ stage: 'measuring', rounds: 3 });
      return measured(1, jobId);
    });
    const heard: unknown[] = [];
    const { pool: agents } = await pool({ a });
    await agents.measure(TASK, { onProgress: (agent, progress) => heard.push([agent, progress]) });
    expect(heard).toEqual([['a', { stage: 'measuring', rounds: 3 }]]);
  });

  it('hands on every outcome as data, and a refusal of the request without a retry', async () => {
    const a = new FakeAgent(async ({ jobId }) => outcome('OUTCOME_KIND_CRASHED', { jobId }));
    const b = new FakeAgent(async () => {
      throw new AlphaTensorError('INVALID_ARGUMENT', 'There is no backend "x".', { field: 'backend' });
    }, 'Other CPU');
    const { pool: agents, kinds } = await pool({ a, b });
    const [crashed, refused] = await agents.measure(TASK);
    expect(crashed).toMatchObject({ kind: 'outcome', outcome: { kind: 'OUTCOME_KIND_CRASHED' } });
    expect(refused).toMatchObject({ kind: 'refused', error: { details: { field: 'backend' } } });
    expect(b.requests).toHaveLength(1);
    expect(kinds()).toEqual([]);
  });

  it('opens only with agents, all of them usable', async () => {
    await expect(openPool([])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    const broken = new FakeAgent();
    broken.describe = async () => {
      throw unavailable();
    };
    await expect(pool({ a: new FakeAgent(), broken })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('failures of the infrastructure', () => {
  it('are retried on the same agent with the same job id, after growing waits, when it answers again', async () => {
    let failures = 1;
    const a: FakeAgent = new FakeAgent(async ({ jobId }) => {
      if (failures-- > 0) {
        a.serving = false;
        throw unavailable();
      }
      return measured(1.3, jobId);
    });
    const {
      pool: agents,
      kinds,
      waits,
    } = await pool(
      { a },
      {
        sleep: async (ms) => {
          waits.push(ms);
          if (waits.length === 3) a.serving = true;
        },
      },
    );
    const [result] = await agents.measure(TASK);
    expect(result).toMatchObject({ kind: 'outcome', agent: 'a' });
    expect(new Set(a.requests.map(({ jobId }) => jobId)).size).toBe(1);
    expect(a.requests).toHaveLength(2);
    expect(waits).toEqual([500, 1000, 2000]);
    expect(kinds()).toEqual(['away', 'retry', 'back']);
  });

  it('are waited for longer each time also where the agent serves on, such as one whose disk is full', async () => {
    const a = new FakeAgent(async () => {
      throw new AlphaTensorError('INTERNAL', 'The agent failed.');
    });
    const waits: number[] = [];
    const { pool: agents } = await pool({ a }, { sleep: async (ms) => waits.push(ms) });
    expect(await agents.measure(TASK)).toMatchObject([{ kind: 'lost', reason: expect.stringContaining('5 times') }]);
    expect(waits.slice(0, 4)).toEqual([500, 1000, 2000, 4000]);
  });

  it('move the task to another agent of equal hardware that shares the work, and only of equal hardware', async () => {
    const lost: Answer = async () => {
      throw unavailable();
    };
    const twin = new FakeAgent(undefined, DEVICE.cpuModel, 1);
    const [a, other] = [new FakeAgent(lost), new FakeAgent(undefined, 'Other CPU')];
    a.serving = true;
    const { pool: agents } = await pool({ a, twin, other }, { share: true });
    a.serving = false;
    const results = await agents.measure(TASK);
    expect(results.map(({ kind, agent }) => [kind, agent])).toEqual([
      ['outcome', 'twin'],
      ['outcome', 'other'],
    ]);
    expect(other.requests).toHaveLength(1);
    agents.close();
  });

  it('end in a lost task when the agent stays away, at once for later tasks, and not any more when it is back', async () => {
    let broken = true;
    const a: FakeAgent = new FakeAgent(async ({ jobId }) => {
      if (!broken) return measured(1, jobId);
      a.serving = false;
      throw unavailable();
    });
    const { pool: agents, kinds, events } = await pool({ a }, { patienceSeconds: 3 });
    const [first] = await agents.measure(TASK);
    expect(first).toMatchObject({ kind: 'lost', agent: 'a' });
    expect(first.kind === 'lost' && first.reason).toMatch(/no longer answers.*The agent went away/);
    const [second] = await agents.measure(TASK);
    expect(second.kind).toBe('lost');
    expect(a.requests).toHaveLength(1);
    expect(kinds()).toEqual(['away', 'retry', 'gone', 'lost', 'lost']);
    expect(events.every(({ message }) => message.endsWith('.'))).toBe(true);

    broken = false;
    a.serving = true;
    await expect.poll(kinds).toContain('back');
    const [third] = await agents.measure(TASK);
    expect(third.kind).toBe('outcome');
  });

  it('end at once where the agent was revoked, and go on with an equal one', async () => {
    const a: FakeAgent = new FakeAgent(async () => {
      a.revoked = true;
      a.requireTrusted();
      throw unavailable();
    });
    const { pool: alone, events } = await pool({ a });
    expect((await alone.measure(TASK))[0]).toMatchObject({ kind: 'lost', reason: expect.stringContaining('revoked') });
    expect(events.find(({ kind }) => kind === 'gone')?.message).toMatch(/^It was revoked; its tasks are dropped/);
    alone.close();
    a.revoked = false;
    const { pool: both } = await pool({ a, b: new FakeAgent(undefined, DEVICE.cpuModel, 1) }, { share: true });
    expect((await both.measure(TASK))[0]).toMatchObject({ kind: 'outcome', agent: 'b' });
    both.close();
  });

  it('leave out an agent that comes back as another device, until it is the old one again', async () => {
    let broken = true;
    const a: FakeAgent = new FakeAgent(async ({ jobId }) => {
      if (!broken) return measured(1, jobId);
      a.description = { ...a.description, device: { ...DEVICE, cpuModel: 'Other CPU' } };
      throw unavailable();
    });
    const { pool: agents, events, kinds } = await pool({ a }, { patienceSeconds: 1 });
    expect((await agents.measure(TASK))[0].kind).toBe('lost');
    expect(events.find(({ kind }) => kind === 'gone')?.message).toMatch(/came back as another device/);
    broken = false;
    a.description = { ...a.description, device: DEVICE };
    await expect.poll(kinds).toContain('back');
    expect((await agents.measure(TASK))[0].kind).toBe('outcome');
  });

  it('end in a lost task when one job keeps failing, and the next job still runs', async () => {
    let poison = '';
    const a = new FakeAgent(async ({ jobId }) => {
      poison ||= jobId;
      if (jobId === poison) throw new AlphaTensorError('INTERNAL', 'The agent failed.');
      return measured(1, jobId);
    });
    const { pool: agents } = await pool({ a }, { maxAttempts: 3 });
    const [[bad], [good]] = await Promise.all([agents.measure(TASK), agents.measure(TASK)]);
    expect(bad).toMatchObject({ kind: 'lost', reason: expect.stringContaining('failed 3 times') });
    expect(good.kind).toBe('outcome');
    expect(a.requests.filter(({ jobId }) => jobId === poison)).toHaveLength(3);
  });

  it('include a job that the agent stopped, which is no outcome', async () => {
    let stops = 1;
    const a = new FakeAgent(async ({ jobId }) =>
      stops-- > 0 ? outcome('OUTCOME_KIND_CANCELLED', { jobId }) : measured(1, jobId),
    );
    const { pool: agents } = await pool({ a });
    expect((await agents.measure(TASK))[0]).toMatchObject({ outcome: { kind: 'OUTCOME_KIND_MEASURED' } });
  });
});

describe('answers that cannot be true', () => {
  const lie: Answer = async () => measured(2, 'another-job');

  it('are refused with the reason, and end the use of an agent that keeps giving them', async () => {
    const [liar, honest] = [new FakeAgent(lie), new FakeAgent(undefined, 'Other CPU')];
    const { pool: agents, events, kinds } = await pool({ liar, honest });
    for (let task = 0; task < 3; task++) {
      const [refused, measuredToo] = await agents.measure(TASK);
      expect(refused).toMatchObject({ kind: 'lost', reason: expect.stringContaining('it is for another job') });
      expect(measuredToo).toMatchObject({ kind: 'outcome', agent: 'honest' });
    }
    expect(agents.agents.map(({ refusals, state }) => [refusals, state])).toEqual([
      [3, 'disbelieved'],
      [0, 'ready'],
    ]);
    expect(kinds()).toEqual(['refused', 'lost', 'refused', 'lost', 'disbelieved', 'lost']);
    expect(events[4].message).toMatch(/^liar gave 3 answers that cannot be true .* not used any more in this run\.$/);
    // The run goes on with the honest one alone.
    expect(await agents.measure(TASK)).toMatchObject([{ kind: 'outcome', agent: 'honest' }]);
    expect(liar.requests).toHaveLength(3);
    agents.close();
  });

  it('move the task to an agent that shares the work', async () => {
    const [liar, honest] = [new FakeAgent(lie), new FakeAgent(undefined, DEVICE.cpuModel, 1)];
    const { pool: agents } = await pool({ liar, honest }, { share: true });
    expect(await agents.measure(TASK)).toMatchObject([{ kind: 'outcome', agent: 'honest' }]);
    agents.close();
  });

  it('leave nothing to measure on if no other agent is there, which each task says at once', async () => {
    const { pool: agents } = await pool({ liar: new FakeAgent(lie) }, { maxRefusals: 1 });
    for (let task = 0; task < 2; task++) {
      expect(await agents.measure(TASK)).toMatchObject([
        { kind: 'lost', reason: expect.stringContaining('liar gave too many answers') },
      ]);
    }
    agents.close();
  });
});

describe('stopping', () => {
  it('cancels what runs and drops what waits, without a word about agents', async () => {
    const a = new FakeAgent((_, options) => whenAborted(options));
    const { pool: agents, kinds } = await pool({ a });
    const stop = new AbortController();
    const running = agents.measure(TASK, { signal: stop.signal });
    const waiting = agents.measure(TASK, { signal: stop.signal });
    stop.abort();
    for (const [result] of [await running, await waiting]) {
      expect(result).toMatchObject({ kind: 'lost', reason: expect.stringContaining('cancelled') });
    }
    expect(a.requests).toHaveLength(1);
    expect(kinds()).toEqual([]);
  });

  it('closes with everything that is under way', async () => {
    const a = new FakeAgent((_, options) => whenAborted(options));
    const { pool: agents } = await pool({ a });
    const results = [agents.measure(TASK), agents.measure(TASK)];
    agents.close();
    for (const [result] of await Promise.all(results)) expect(result.kind).toBe('lost');
    expect(a.closed).toBe(true);
    expect((await agents.measure(TASK))[0].kind).toBe('lost');
  });
});
