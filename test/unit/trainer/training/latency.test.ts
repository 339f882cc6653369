import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  contentHash,
  laderman,
  loadFactorization,
  Random,
  saveFactorization,
  standard,
  strassen,
  type VerifiedFactorization,
  winograd,
} from '@alphatensor-edge/shared';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AlphaTensorError } from '../../../../shared/src/index.js';
import { flipNeighbour } from '../../../../trainer/src/explore/neighbour.js';
import { openPool, type PoolOptions } from '../../../../trainer/src/fleet/agent-pool.js';
import { candidate } from '../../../../trainer/src/fleet/algorithms.js';
import { measureCandidate } from '../../../../trainer/src/fleet/campaign.js';
import { latencyReward } from '../../../../trainer/src/fleet/latency-reward.js';
import type { ProblemSpec } from '../../../../trainer/src/fleet/measurement.js';
import { MEASUREMENTS_FILE, MeasurementStore } from '../../../../trainer/src/fleet/measurement-store.js';
import { applySymmetry, randomSymmetry } from '../../../../trainer/src/game/symmetry.js';
import { loadCheckpoint, newestCheckpoint } from '../../../../trainer/src/run/checkpoint.js';
import { finetune } from '../../../../trainer/src/training/finetune.js';
import { LatencyFeed } from '../../../../trainer/src/training/latency-feed.js';
import { LocalMoves, symmetricNeighbour } from '../../../../trainer/src/training/local-moves.js';
import { measureDemonstrations } from '../../../../trainer/src/training/measure-demonstrations.js';
import type { FoundFactorization } from '../../../../trainer/src/training/train.js';
import { measured, outcome } from '../../../support/agent.js';
import { type Answer, FakeAgent } from '../../../support/fake-agent.js';
import { microConfig, saveMicroCheckpoint } from '../../../support/trainer-process.js';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });
const folder = mkdtempSync(join(tmpdir(), 'latency-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LAMBDA = 5;
const problem = (n: number): ProblemSpec => ({ m: n, k: n, n, dtype: 'f32', threads: 1 });
/** Speed-ups that differ by algorithm, problem and device. */
const speedupOf = ({ levels, problem: asked }: Parameters<Answer>[0], device: number): number =>
  1 /
  (0.2 * levels[0].rank +
    0.01 * (levels[0].v?.coefficients ?? []).filter((x) => x !== 0).length +
    device +
    (asked?.m ?? 0) / 1000);

const quick: PoolOptions = {
  maxAttempts: 2,
  patienceSeconds: 0,
  sleep: () => new Promise((resolve) => setTimeout(resolve, 1)),
};

describe('fine-tuning', () => {
  beforeAll(() => saveMicroCheckpoint(join(folder, 'micro')));

  it('puts nothing into the replay but rewards that recompute from measured rows: lambda * b, less that of the first', async () => {
    const answer =
      (device: number): Answer =>
      async (request) => {
        // Later than the game: training has gone on meanwhile.
        await new Promise((resolve) => setTimeout(resolve, 2));
        return measured(speedupOf(request, device), request.jobId);
      };
    const agents = [new FakeAgent(answer(0.1), 'A'), new FakeAgent(answer(0.3), 'B')];
    agents[1].description = { ...agents[1].description, deviceId: 'another' };
    const pool = await openPool(
      agents.map((client, index) => ({ name: `agent-${index}`, client })),
      quick,
    );
    const micro = microConfig();
    const runDir = join(folder, 'run');
    const config = {
      ...micro,
      // A goal below what can be found, as a checkpoint may have: it must not shorten the games.
      acting: { ...micro.acting, goalRank: 1, mode: 'mcts' as const, fromStep: 0, everySteps: 2, games: 4 },
    };
    let arrived = 0;
    const result = await finetune(config, {
      runDir,
      pool,
      backend: 'c-gcc',
      lambda: LAMBDA,
      problems: [problem(64), problem(128)].map((one) => ({ problem: one, weight: 1 })),
      reportProblems: [],
      depth: 1,
      rewardProtocol: {},
      reportProtocol: {},
      reportedCount: 2,
      checkpoint: join(folder, 'micro'),
      stop: { maxSteps: 40 },
      hooks: { onReward: () => arrived++ },
    });
    pool.close();
    expect(arrived).toBeGreaterThan(3);
    expect(result.byDevice.map((device) => device.agents)).toEqual([['agent-0'], ['agent-1']]);
    const times = result.ranked.map(({ relativeTime }) => relativeTime);
    expect(times).toHaveLength(arrived);
    expect(times).toEqual([...times].sort((a, b) => a - b));

    const store = MeasurementStore.openReadOnly(join(runDir, MEASUREMENTS_FILE));
    const terms = new Map<string, number[]>();
    for (const { algorithm, outcome: stored } of store.all()) {
      const reward = latencyReward(stored);
      if (reward.kind !== 'reward') throw new Error('every job was measured');
      terms.set(algorithm.levels[0], [...(terms.get(algorithm.levels[0]) ?? []), reward.b]);
    }
    store.close();
    const means = [...terms].map(([hash, of]): [string, number] => {
      expect(of).toHaveLength(4);
      return [hash, of.reduce((sum, b) => sum + b, 0) / 4];
    });
    const [[, first]] = means;
    const rewards = new Map(means.map(([hash, b]) => [hash, LAMBDA * (b - first)]));
    expect(new Set(rewards.values()).size).toBeGreaterThan(1);

    const { resume } = await loadCheckpoint(result.checkpoint);
    expect(resume?.best.length).toBeGreaterThan(0);
    for (const { hash, bonus } of resume?.best ?? []) expect(bonus).toBeCloseTo(rewards.get(hash) as number, 10);
    const solved = resume?.played.filter(({ terminal }) => terminal === 0) ?? [];
    expect(solved.length).toBeGreaterThan(0);
    for (const { bonus } of solved) {
      expect(Math.min(...[...rewards.values()].map((reward) => Math.abs(reward - bonus)))).toBeLessThan(1e-9);
    }
    // Before anything is measured, all counts from the baseline.
    const unsolved = [-1, first].map((from) => LAMBDA * (-4 - from));
    for (const { terminal, bonus } of resume?.played ?? []) if (terminal < 0) expect(unsolved).toContain(bonus);
  });
});

describe('a fine-tuning run that was killed', () => {
  it('has the rewards that were measured after its last checkpoint, and algorithms of which it has only the rows', async () => {
    const agent = new FakeAgent(() => new Promise(() => undefined));
    const pool = await openPool([{ name: 'a', client: agent }], quick);
    const micro = microConfig();
    const runDir = join(folder, 'killed');
    const options = {
      runDir,
      pool,
      backend: 'c-gcc',
      lambda: LAMBDA,
      problems: [{ problem: problem(64), weight: 1 }],
      reportProblems: [],
      depth: 1,
      rewardProtocol: {},
      reportProtocol: {},
      reportedCount: 2,
    };
    const acting = { ...micro.acting, mode: 'mcts' as const, fromStep: 0, everySteps: 2, games: 4 };
    const stop = new AbortController();
    let games = 0;
    await finetune(
      { ...micro, acting },
      {
        ...options,
        checkpoint: join(folder, 'micro'),
        stop: {},
        signal: stop.signal,
        hooks: { onFactorization: () => (++games > 20 ? stop.abort() : undefined) },
      },
    );
    // What was under way came in, and then the trainer was killed: rows, and no other trace.
    const store = MeasurementStore.open(join(runDir, MEASUREMENTS_FILE));
    const terms = new Map<string, number>();
    const unsaved = randomImage();
    const files = readdirSync(join(runDir, 'factorizations')).map((name) => join(runDir, 'factorizations', name));
    const records = [
      ...(await Promise.all(files.map(loadFactorization))),
      { factorization: unsaved, origin: 'symmetry' as const },
    ];
    const answering = await openPool(
      [{ name: 'a', client: new FakeAgent(async (request) => measured(speedupOf(request, 0), request.jobId)) }],
      quick,
    );
    for (const record of records) {
      const campaign = { backend: 'c-gcc', store };
      const [row] = await measureCandidate(answering, candidate(record, 'found'), problem(64), campaign);
      const reward = latencyReward(row.outcome);
      if (reward.kind === 'reward') terms.set(contentHash(record.factorization), reward.b);
    }
    const [first] = terms.values();
    const rewards = new Map([...terms].map(([hash, b]) => [hash, LAMBDA * (b - first)]));
    store.close();
    answering.close();
    const before = await loadCheckpoint(await newestCheckpoint(runDir));
    expect(before.resume?.best.some(({ hash, bonus }) => bonus !== rewards.get(hash))).toBe(true);

    const resumed = await finetune({ ...micro, acting }, { ...options, resume: true, stop: { maxSteps: 0 } });
    pool.close();
    const { resume } = await loadCheckpoint(resumed.checkpoint);
    const solved = resume?.played.filter(({ terminal }) => terminal === 0) ?? [];
    expect(solved.length).toBeGreaterThan(0);
    for (const { hash, bonus } of [...solved, ...(resume?.best ?? [])]) expect(bonus).toBe(rewards.get(hash as string));
    expect(resumed.ranked.map(({ hash }) => hash)).toContain(contentHash(unsaved));
  });
});

function randomImage() {
  const from = standard({ n: 1, m: 1, p: 2 });
  return applySymmetry(from, randomSymmetry(from.size, 'standard', new Random('image'), 0.5));
}

describe('local moves', () => {
  it('measure neighbours of the fastest so far while nothing waits, label them, and keep them in the run', async () => {
    const runDir = join(folder, 'moves');
    const agent = new FakeAgent(async (request) => measured(speedupOf(request, 0), request.jobId));
    const pool = await openPool([{ name: 'a', client: agent }], quick);
    const store = MeasurementStore.open(join(folder, 'moves.sqlite'));
    const feed = new LatencyFeed({
      ...{
        pool,
        store,
        problems: [{ problem: problem(64), weight: 1 }],
        depth: 1,
        lambda: LAMBDA,
        campaign: { backend: 'c-gcc' },
      },
    });
    const moves = new LocalMoves({ feed, neighbourhood: symmetricNeighbour, runDir, seed: 1 });
    // A dense equal of Strassen's algorithm, from which sparser ones are a few moves away.
    const random = new Random('dense');
    let start = strassen();
    for (let i = 0; i < 3; i++) start = applySymmetry(start, randomSymmetry(start.size, 'standard', random, 0.3));
    const hash = contentHash(start);
    mkdirSync(join(runDir, 'factorizations'), { recursive: true });
    await feed.measure({ factorization: start, hash });
    moves.consider(start, feed.measured.get(hash));
    await vi.waitFor(() => expect(feed.measured.size).toBeGreaterThan(60), { timeout: 20_000 });
    await moves.stop();
    const asked = agent.requests.length;
    moves.consider(start, 0);
    await moves.stop();
    expect(agent.requests).toHaveLength(asked);

    expect(
      new Set(
        store
          .all()
          .slice(1)
          .map(({ algorithm }) => algorithm.origin),
      ),
    ).toEqual(new Set(['symmetry']));
    expect(Math.max(...feed.measured.values())).toBeGreaterThan(feed.measured.get(hash) as number);
    const files = readdirSync(join(runDir, 'factorizations'));
    expect(files).toHaveLength(asked - 1);
    const saved = await loadFactorization(join(runDir, 'factorizations', files[0]));
    expect(saved).toMatchObject({
      origin: 'symmetry',
      notes: expect.stringMatching(/^A local move from [0-9a-f]{16}/),
    });
    pool.close();
    store.close();
  });

  it('begin from the fastest demonstration, which is measured and kept as one', async () => {
    const runDir = join(folder, 'given');
    mkdirSync(join(runDir, 'factorizations'), { recursive: true });
    const agent = new FakeAgent(async (request) => measured(speedupOf(request, 0), request.jobId));
    const pool = await openPool([{ name: 'a', client: agent }], quick);
    const store = MeasurementStore.open(join(folder, 'given.sqlite'));
    const problems = [{ problem: problem(64), weight: 1 }];
    const feed = new LatencyFeed({ pool, store, problems, depth: 1, lambda: LAMBDA, campaign: { backend: 'c-gcc' } });
    const dense = applySymmetry(strassen(), randomSymmetry({ n: 2, m: 2, p: 2 }, 'standard', new Random('dense'), 0.9));
    const files = [];
    for (const [name, factorization] of Object.entries({ dense, sparse: strassen() })) {
      files.push(join(folder, `${name}.json`));
      await saveFactorization(files[files.length - 1], { factorization, origin: 'imported' });
    }
    const considered: string[] = [];
    const moves = { consider: (from: VerifiedFactorization) => void considered.push(contentHash(from)) };
    await measureDemonstrations(files, { feed, moves, runDir });

    expect(contentHash(dense)).not.toBe(contentHash(strassen()));
    expect(considered).toEqual([contentHash(strassen()), contentHash(dense)]);
    expect(store.all().map(({ algorithm }) => algorithm.origin)).toEqual(['demonstration', 'demonstration']);
    const kept = readdirSync(join(runDir, 'factorizations'));
    expect(kept).toHaveLength(2);
    expect(await loadFactorization(join(runDir, 'factorizations', kept[0]))).toMatchObject({ origin: 'demonstration' });
    pool.close();
    store.close();
  });

  it('by flips come to another algorithm of the same tensor, where there are any', () => {
    const from = standard({ n: 2, m: 2, p: 3 });
    const flipped = flipNeighbour(from, 3, new Random(1));
    expect(flipped?.rank).toBeLessThanOrEqual(from.rank);
    expect(contentHash(flipped as typeof from)).not.toBe(contentHash(from));
    // No two products of Strassen's algorithm share a factor.
    expect(flipNeighbour(strassen(), 3, new Random(1))).toBeUndefined();
  });
});

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
