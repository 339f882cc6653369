import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  contentHash,
  loadFactorization,
  Random,
  saveFactorization,
  standard,
  strassen,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { flipNeighbour } from '../../../../trainer/src/explore/neighbour.js';
import { openPool } from '../../../../trainer/src/fleet/agent-pool.js';
import { candidate } from '../../../../trainer/src/fleet/algorithms.js';
import { measureCandidate } from '../../../../trainer/src/fleet/campaign.js';
import { latencyReward } from '../../../../trainer/src/fleet/latency-reward.js';
import { MEASUREMENTS_FILE, MeasurementStore } from '../../../../trainer/src/fleet/measurement-store.js';
import { applySymmetry, randomSymmetry } from '../../../../trainer/src/game/symmetry.js';
import { loadCheckpoint, newestCheckpoint } from '../../../../trainer/src/run/checkpoint.js';
import { finetune } from '../../../../trainer/src/training/finetune.js';
import { LatencyFeed } from '../../../../trainer/src/training/latency-feed.js';
import { LocalMoves, symmetricNeighbour } from '../../../../trainer/src/training/local-moves.js';
import { measureDemonstrations } from '../../../../trainer/src/training/measure-demonstrations.js';
import { measured } from '../../../support/agent.js';
import { type Answer, FakeAgent } from '../../../support/fake-agent.js';
import { LAMBDA, problem, quick, speedupOf } from '../../../support/latency.js';
import { microConfig, saveMicroCheckpoint } from '../../../support/trainer-process.js';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });
const folder = mkdtempSync(join(tmpdir(), 'latency-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

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
  it('measure neighbours of the fastest so far, label them, and keep them in the run', async () => {
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
