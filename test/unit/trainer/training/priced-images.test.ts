import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentHash, countNonzeros, Random, strassen, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { afterAll, describe, expect, it } from 'vitest';
import { gameRules } from '../../../../trainer/src/config.js';
import { openPool } from '../../../../trainer/src/fleet/agent-pool.js';
import { MeasurementStore } from '../../../../trainer/src/fleet/measurement-store.js';
import { ProgramDescriptions } from '../../../../trainer/src/fleet/program-descriptions.js';
import { benchmarkRequest } from '../../../../trainer/src/fleet/request.js';
import { isSolved, play } from '../../../../trainer/src/game/state.js';
import { applySymmetry, randomSymmetry } from '../../../../trainer/src/game/symmetry.js';
import { keptFactorizations } from '../../../../trainer/src/run/factorizations.js';
import { ImageTrials } from '../../../../trainer/src/training/image-trials.js';
import { LatencyFeed } from '../../../../trainer/src/training/latency-feed.js';
import { PricedImages, type Pricing } from '../../../../trainer/src/training/priced-images.js';
import { ReplayBuffer } from '../../../../trainer/src/training/replay-buffer.js';
import { measured } from '../../../support/agent.js';
import { FakeAgent } from '../../../support/fake-agent.js';
import { costOf } from '../../../support/program-cost.js';
import { smallConfig } from '../../../support/small-network.js';

const CONFIG = smallConfig({
  replay: { playedGames: 2, swapProbability: 0, bestFactorizations: 2, symmetryOffDiagonal: 0.2 },
});
const RULES = gameRules(CONFIG);
const PROBLEM = { m: 64, k: 64, n: 64, dtype: 'f32', threads: 1 } as const;
const LAMBDA = 7;

/** A device whose t / t_baseline follows its programs exactly: additions of A, of B and of C. */
function timeOf(factorization: VerifiedFactorization): number {
  const [message] = benchmarkRequest({ levels: [factorization], problem: PROBLEM, backend: 'c-gcc' }, 'x').levels;
  const { a, b, c } = costOf(message, PROBLEM);
  return 0.4 + (0.03 * a!.additions + 0.02 * b!.additions + 0.01 * c!.additions) / 32 ** 2;
}

const images = (count: number, seed: string): VerifiedFactorization[] => {
  const random = new Random(seed);
  return Array.from({ length: count }, () =>
    applySymmetry(strassen(), randomSymmetry(strassen().size, 'standard', random, 0.25)),
  );
};

async function feedOf(agent: FakeAgent, store: MeasurementStore) {
  const pool = await openPool([{ name: 'laptop', client: agent }]);
  const campaign = { backend: 'c-gcc' };
  const descriptions = new ProgramDescriptions({ pool, problems: [PROBLEM], depth: 1, campaign, pauseMs: 1 });
  const problems = [{ problem: PROBLEM, weight: 1 }];
  const feed = new LatencyFeed({ pool, store, problems, depth: 1, lambda: LAMBDA, campaign, descriptions });
  return { feed, descriptions };
}

function exactDevice(): FakeAgent {
  const bySums = new Map(images(40, 'measured').map((one) => [JSON.stringify(messageOf(one)), timeOf(one)]));
  const agent = new FakeAgent(async ({ levels, jobId }) => measured(1 / bySums.get(JSON.stringify(levels[0]))!, jobId));
  agent.planner = async ({ factorizations }) => ({ costs: factorizations.map((one) => costOf(one, PROBLEM)) });
  return agent;
}

const messageOf = (one: VerifiedFactorization) =>
  benchmarkRequest({ levels: [one], problem: PROBLEM, backend: 'c-gcc' }, 'x').levels[0];

const folder = mkdtempSync(join(tmpdir(), 'priced-images-'));
afterAll(() => rmSync(folder, { recursive: true }));
let stores = 0;
/** Opens a store in a file of its own: beside the database lies a lock, for one in memory too. */
const newStore = (): MeasurementStore => MeasurementStore.open(join(folder, `${stores++}.db`));

describe('an image in the replay', () => {
  it('has the reward that it would be measured with, if the cost model is exact', async () => {
    const store = newStore();
    const { feed, descriptions } = await feedOf(exactDevice(), store);
    for (const factorization of images(40, 'measured')) {
      const hash = contentHash(factorization);
      descriptions.want(hash, factorization);
      await descriptions.settle();
      await feed.measure({ factorization, hash });
    }
    const [accuracy, unseen, [first]] = [feed.accuracy, images(15, 'unseen'), images(1, 'measured')];
    expect(accuracy?.fromPrograms).toBeGreaterThan(0);
    expect(accuracy!.error).toBeLessThan(accuracy!.errorOfMean / 5);
    let estimated = 0;
    for (const factorization of unseen) {
      const hash = contentHash(factorization);
      feed.want(factorization, hash);
      await descriptions.settle();
      if (feed.known(hash) === undefined) estimated++;
      expect(feed.price(factorization, hash)).toBeCloseTo(LAMBDA * (timeOf(first) - timeOf(factorization)), 3);
    }
    expect(estimated).toBeGreaterThan(5);
    store.close();
  });

  it('is shown with its own price, beside the original with its own', () => {
    const price = (factorization: VerifiedFactorization): number => -countNonzeros(factorization);
    const pricing: Pricing = { price, takesMore: true, want: () => undefined };
    const shown = new PricedImages(RULES, 0.25, pricing);
    const replay = new ReplayBuffer(
      RULES,
      { ...CONFIG, learner: { ...CONFIG.learner, mix: { synthetic: 0, played: 0, best: 1 } } },
      [],
      { images: shown },
    );
    replay.addBest(strassen(), -36, 'rl');
    const random = new Random('shown');
    const bonuses = new Set<number>();
    for (let i = 0; i < 150; i++) {
      const { position, actions, value } = replay.sample(random);
      expect(isSolved(actions.reduce(play, position))).toBe(true);
      bonuses.add(value + actions.length);
    }
    expect(bonuses).toContain(-36);
    expect(bonuses.size).toBeGreaterThan(2);
    expect(replay.best).toHaveLength(1);
    expect(shown.count).toBeGreaterThan(2);
  });

  it('is measured now and then while no find waits, after which its price is the measured one', async () => {
    const store = newStore();
    // Twice as slow as the models could know.
    const agent: FakeAgent = new FakeAgent(async ({ jobId }) => measured(agent.requests.length === 1 ? 1 : 0.5, jobId));
    const { feed, descriptions } = await feedOf(agent, store);
    await feed.measure({ factorization: strassen(), hash: contentHash(strassen()) });
    const [image] = images(1, 'tried');
    const hash = contentHash(image);
    const runDir = mkdtempSync(join(tmpdir(), 'image-trials-'));
    const drawn = {
      drawPriced: (_: Random, isWanted: (of: string) => boolean) =>
        isWanted(hash) ? { factorization: image, hash } : undefined,
    };
    const trials = new ImageTrials({ feed, images: drawn as PricedImages, runDir, seed: 1 });
    trials.start();
    trials.start();
    await trials.stop();
    expect(agent.requests).toHaveLength(2);
    expect(feed.price(image, hash)).toBe(LAMBDA * (1 - 2));
    expect((await keptFactorizations(runDir)).map(({ origin }) => origin)).toEqual(['symmetry']);
    await descriptions.close();
    store.close();
    rmSync(runDir, { recursive: true });
  });

  it('is not shown while it has no price', () => {
    const wanted: string[] = [];
    const pricing: Pricing = { price: () => undefined, takesMore: true, want: (_, hash) => wanted.push(hash) };
    const shown = new PricedImages(RULES, 0.25, pricing);
    const random = new Random('no price');
    for (let i = 0; i < 30; i++) {
      expect(shown.show('strassen', { factorization: strassen(), bonus: 1 }, random)).toEqual({
        factorization: strassen(),
        bonus: 1,
      });
    }
    expect(wanted.length).toBeGreaterThan(0);
    expect(shown.count).toBe(0);
  });

  it('is not drawn while nobody could price it', () => {
    const pricing: Pricing = { price: () => 0, takesMore: false, want: () => expect.unreachable() };
    const shown = new PricedImages(RULES, 0.25, pricing);
    for (let i = 0; i < 10; i++) shown.show('strassen', { factorization: strassen(), bonus: 1 }, new Random(i));
    expect(shown.count).toBe(0);
  });
});
