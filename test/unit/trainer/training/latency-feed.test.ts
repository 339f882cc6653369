import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentHash, laderman, standard, strassen, winograd } from '@alphatensor-edge/shared';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { AlphaTensorError } from '../../../../shared/src/index.js';
import { openPool } from '../../../../trainer/src/fleet/agent-pool.js';
import { MeasurementStore } from '../../../../trainer/src/fleet/measurement-store.js';
import { LatencyFeed } from '../../../../trainer/src/training/latency-feed.js';
import type { FoundFactorization } from '../../../../trainer/src/training/train.js';
import { measured, outcome } from '../../../support/agent.js';
import { type Answer, FakeAgent } from '../../../support/fake-agent.js';
import { LAMBDA, problem, quick, speedupOf } from '../../../support/latency.js';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });
const folder = mkdtempSync(join(tmpdir(), 'latency-feed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the latency feed', () => {
  const found = (factorization: ReturnType<typeof strassen>): FoundFactorization => ({
    factorization,
    hash: contentHash(factorization),
    gameId: 'g',
    isFinal: true,
    searcher: 'mcts',
    isInside: false,
    step: 1,
    seconds: 1,
    isNew: true,
    demonstrations: [],
    grownFrom: [],
    insideSchoolbook: false,
  });

  async function feedOf(name: string, answer: Answer, maxError: number | null = null) {
    const agent = new FakeAgent(answer);
    const pool = await openPool([{ name: 'a', client: agent }], quick);
    const store = MeasurementStore.open(join(folder, `${name}.sqlite`));
    const failures: string[] = [];
    const feed = new LatencyFeed({
      pool,
      store,
      problems: [{ problem: problem(64), weight: 1 }],
      depth: 1,
      ...{ lambda: LAMBDA, maxError },
      campaign: {
        ...{ backend: 'c-gcc', maxWorkspace: { timesMatrices: 1 } },
        onFailure: (message) => failures.push(message),
      },
    });
    return {
      agent,
      feed,
      failures,
      close: () => {
        pool.close();
        store.close();
      },
    };
  }

  it('gives what exceeds the bound on the error the lowest b, however fast it is', async () => {
    const inaccurate: Answer = async ({ jobId }) => {
      const result = measured(2, jobId);
      if (!result.measurement) throw new Error('it is measured');
      return { ...result, measurement: { ...result.measurement, relativeError: 5e-7, baselineRelativeError: 1e-7 } };
    };
    const found = { factorization: strassen(), hash: contentHash(strassen()) };
    for (const [bound, b] of [
      [4, -4],
      [6, -0.5],
      [null, -0.5],
    ] as const) {
      const { feed, close } = await feedOf(`bound-${bound}`, inaccurate, bound);
      await feed.measure(found);
      // What local moves climb by.
      expect(feed.measured.get(found.hash)).toBeCloseTo(b, 12);
      close();
    }
  });

  it('counts from the first algorithm that is of use, and again so in a resumed run', async () => {
    const times = new Map([
      [8, 5],
      [7, 1.25],
      [23, 1.5],
    ]);
    const { make, close } = await fleetOf('first', [
      async ({ jobId, levels }) => measured(1 / (times.get(levels[0].rank) ?? 1), jobId),
    ]);
    const feed = make();
    expect(feed.estimate(undefined)).toBe(LAMBDA * (-4 + 1));
    // As bad as none.
    expect(await feed.measure(found(standard({ n: 2, m: 2, p: 2 })))).toBe(LAMBDA * (-4 + 1));
    expect(await feed.measure(found(strassen()))).toBe(0);
    expect(await feed.measure(found(laderman()))).toBeCloseTo(LAMBDA * (1.25 - 1.5), 12);
    expect(feed.estimate(undefined)).toBeCloseTo(LAMBDA * (1.25 - 4), 12);
    const resumed = make();
    resumed.recall([laderman(), strassen(), standard({ n: 2, m: 2, p: 2 })]);
    expect(resumed.known(contentHash(laderman()))).toBeCloseTo(LAMBDA * (1.25 - 1.5), 12);
    close();
  });

  it('bounds the workspace of what it measures', async () => {
    const { agent, feed, close } = await feedOf('workspace', async ({ jobId }) => measured(2, jobId));
    await feed.measure({ factorization: strassen(), hash: contentHash(strassen()) });
    // As much as A, B and C in f32.
    expect(agent.requests.map(({ maxWorkspaceBytes }) => maxWorkspaceBytes)).toEqual([3 * 64 * 64 * 4]);
    close();
  });

  /** A feed over devices of different hardware, in a store that outlives it. */
  async function fleetOf(name: string, answers: readonly Answer[], weights = [1]) {
    const agents = answers.map((answer, index) => new FakeAgent(answer, `CPU ${index}`));
    for (const [index, agent] of agents.entries()) {
      agent.description = { ...agent.description, deviceId: `device-${index}` };
    }
    const pool = await openPool(
      agents.map((client, index) => ({ name: `agent-${index}`, client })),
      quick,
    );
    const store = MeasurementStore.open(join(folder, `${name}.sqlite`));
    const problems = weights.map((weight, index) => ({ problem: problem(64 * (index + 1)), weight }));
    const make = () =>
      new LatencyFeed({ pool, store, problems, depth: 1, lambda: LAMBDA, campaign: { backend: 'c-gcc' } });
    const close = (): void => {
      pool.close();
      store.close();
    };
    return { agents, pool, store, make, close };
  }

  it('rewards no game by the devices that happened to answer, keeps what they measured, and goes on when all are back', async () => {
    let up = false;
    const { agents, pool, store, make, close } = await fleetOf('partial', [
      async ({ jobId }) => measured(2, jobId),
      async ({ jobId }) => {
        if (!up) throw new AlphaTensorError('UNAVAILABLE', 'The agent went away.');
        return measured(0.5, jobId);
      },
    ]);
    agents[1].serving = false;
    const feed = make();
    expect(await feed.measure(found(strassen()))).toBe('lost');
    expect(store.all()).toHaveLength(1);
    // Known to be gone: the other device goes on measuring, the game keeps its estimate.
    await expect.poll(() => pool.agents[1].state).toBe('gone');
    expect(await feed.measure(found(winograd()))).toBeUndefined();
    expect([agents[0].requests.length, feed.measured.size]).toEqual([2, 0]);
    up = true;
    agents[1].serving = true;
    await expect.poll(() => pool.agents[1].state).toBe('ready');
    // b = -(1/2 + 2) / 2, the first half from the store.
    await feed.measure(found(strassen()));
    expect([...feed.measured.values()]).toEqual([expect.closeTo(-1.25, 12)]);
    expect(agents[0].requests).toHaveLength(2);
    close();
  });

  it('gives no reward where one of several devices shows a fault of ours', async () => {
    const { make, close } = await fleetOf('one-fault', [
      async ({ jobId }) => measured(2, jobId),
      async ({ jobId }) => outcome('OUTCOME_KIND_COMPILE_FAILED', { jobId }),
    ]);
    expect(await make().measure(found(strassen()))).toBeUndefined();
    close();
  });

  it('weighs problems', async () => {
    const { make, close } = await fleetOf(
      'weights',
      [async ({ jobId, problem: asked }) => measured(asked?.m === 64 ? 1 : 0.5, jobId)],
      [3, 1],
    );
    // b = -(3 * 1 + 1 * 2) / 4
    const feed = make();
    await feed.measure(found(strassen()));
    expect([...feed.measured.values()]).toEqual([expect.closeTo(-1.25, 12)]);
    close();
  });

  it('has its rewards and its cost models again from the store', async () => {
    const { agents, make, close } = await fleetOf('recall', [
      async (request) => measured(speedupOf(request, 0), request.jobId),
      async (request) => measured(speedupOf(request, 1), request.jobId),
    ]);
    const algorithms = [strassen(), winograd(), standard({ n: 2, m: 2, p: 2 }), laderman()];
    const first = make();
    for (const algorithm of algorithms) await first.measure(found(algorithm));
    const asked = agents.map(({ requests }) => requests.length);
    const second = make();
    expect(second.estimate(strassen())).toBe(0);
    second.recall(algorithms);
    for (const algorithm of algorithms) expect(second.estimate(algorithm)).toBe(first.estimate(algorithm));
    expect(second.estimate(laderman())).not.toBe(0);
    expect([...second.measured]).toEqual([...first.measured]);
    expect(await second.measure(found(winograd()))).toBe(await first.measure(found(winograd())));
    expect(agents.map(({ requests }) => requests.length)).toEqual(asked);
    close();
  });

  it('measures an algorithm once, also for two games at a time', async () => {
    const { agent, feed, close } = await feedOf('once', async ({ jobId }) => measured(1.25, jobId));
    const rewards = await Promise.all([feed.measure(found(strassen())), feed.measure(found(strassen()))]);
    expect(rewards).toEqual([0, 0]);
    expect(await feed.measure(found(strassen()))).toBe(0);
    expect(agent.requests).toHaveLength(1);
    expect([...feed.measured.values()]).toEqual([expect.closeTo(-0.8, 12)]);
    close();
  });

  it('gives no reward for a fault of ours, says so once and does not ask again', async () => {
    const { agent, feed, failures, close } = await feedOf('fault', async ({ jobId }) =>
      outcome('OUTCOME_KIND_CRASHED', { jobId }),
    );
    expect(await feed.measure(found(strassen()))).toBeUndefined();
    expect(await feed.measure(found(strassen()))).toBeUndefined();
    expect(agent.requests).toHaveLength(1);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatch(/fault of ours/);
    expect(feed.measured.size).toBe(0);
    close();
  });

  it('gives no reward for a lost job, asks nobody while no agent answers, and measures once one does', async () => {
    let up = false;
    const { agent, feed, close } = await feedOf('lost', async ({ jobId }) => {
      if (!up) throw new AlphaTensorError('UNAVAILABLE', 'The agent went away.');
      return measured(2, jobId);
    });
    agent.serving = false;
    expect(await feed.measure(found(strassen()))).toBe('lost');
    const asked = agent.requests.length;
    expect(await feed.measure(found(winograd()))).toBeUndefined();
    expect(agent.requests).toHaveLength(asked);
    expect(feed.estimate(strassen())).toBe(0);
    up = true;
    agent.serving = true;
    await vi.waitFor(async () => expect(await feed.measure(found(strassen()))).toBe(0));
    expect([...feed.measured.values()]).toEqual([-0.5]);
    close();
  });
});
