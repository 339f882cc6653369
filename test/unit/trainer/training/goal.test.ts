import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { multiplicationTensor } from '../../../../shared/src/index.js';
import { parseTrainingConfig } from '../../../../trainer/src/config.js';
import { aimingAt, presetForSize } from '../../../../trainer/src/presets.js';
import { loadCheckpoint } from '../../../../trainer/src/run/checkpoint.js';
import type { MetricsLine } from '../../../../trainer/src/run/metrics.js';
import { type FoundFactorization, runTraining } from '../../../../trainer/src/training/train.js';
import { SMALL_NETWORK, smallConfig } from '../../../support/small-network.js';

const folder = mkdtempSync(join(tmpdir(), 'training-goal-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
vi.setConfig({ testTimeout: 90_000 });

// Of <1,1,2>, whose rank is 2, an untrained network stumbles over factorizations of up to six terms.
const MOVE_LIMIT = 6;
const base = smallConfig({
  size: { n: 1, m: 1, p: 2 },
  moveLimit: MOVE_LIMIT,
  network: { ...SMALL_NETWORK, historyLength: 0, entriesPerToken: 1 },
  search: { ...smallConfig().search, simulations: 4, samples: 4, rootSamples: 4 },
  // Nothing but random tensors is learnt, so that ranks come down by chance and not at once.
  learner: { ...smallConfig().learner, mix: { synthetic: 1, played: 0, best: 0 }, learningRate: 1e-9 },
  acting: { ...smallConfig().acting, fromStep: 1, everySteps: 1, games: 3 },
});

/** Without games inside the best, which have limits of their own. */
function aiming(goal: number): typeof base {
  const config = aimingAt(base, goal);
  return { ...config, acting: { ...config.acting, insideGames: 0 } };
}

interface Rounds {
  readonly moveLimits: number[];
  /** The best rank before each round. */
  readonly bestBefore: number[];
}

/** Runs to `maxSteps` in parts that end at `stops`, and says what each round was allowed. */
async function rounds(name: string, config: typeof base, stops: readonly number[]): Promise<Rounds> {
  const runDir = join(folder, name);
  const found: FoundFactorization[] = [];
  let checkpoint = '';
  for (const maxSteps of stops) {
    const hooks = { onFactorization: (one: FoundFactorization) => void found.push(one) };
    const result = await runTraining(config, { runDir, stop: { maxSteps }, resume: checkpoint !== '', hooks });
    checkpoint = result.checkpoint;
  }
  const { resume } = await loadCheckpoint(checkpoint);
  const games = resume?.played ?? [];
  const steps = [...new Set(games.map(({ id }) => Number(id.split('-')[1])))];
  return {
    moveLimits: steps.map((step) => games.find(({ id }) => id.startsWith(`step-${step}-`))?.moveLimit ?? 0),
    bestBefore: steps.map((step) =>
      Math.min(Infinity, ...found.filter((one) => one.step < step).map(({ factorization }) => factorization.rank)),
    ),
  };
}

describe('a run that is after a rank', () => {
  it('gives a game one move fewer than the best so far, down to that rank, and goes on so when it is resumed', async () => {
    // There is none of rank 1, so that the best stays above it; of rank 3 there is.
    for (const goal of [1, 3]) {
      const { moveLimits, bestBefore } = await rounds(`whole-${goal}`, aiming(goal), [10]);
      expect(moveLimits).toEqual(bestBefore.map((best) => Math.min(MOVE_LIMIT, Math.max(goal, best - 1))));
      expect(moveLimits[0]).toBe(MOVE_LIMIT);
      expect(bestBefore.at(-1)).toBeLessThanOrEqual(3);
      expect((await rounds(`parts-${goal}`, aiming(goal), [4, 10])).moveLimits).toEqual(moveLimits);
    }
  });

  it('lets games of every rank within the limit succeed without one', async () => {
    const { moveLimits, bestBefore } = await rounds('aimless', aimingAt(base), [10]);
    expect(Math.min(...bestBefore)).toBeLessThan(MOVE_LIMIT);
    expect(new Set(moveLimits)).toEqual(new Set([MOVE_LIMIT]));
  });

  it('searches by beam until that rank is found, and then by tree', async () => {
    const searchers = async (name: string, goal: number): Promise<Set<unknown>> => {
      const lines: MetricsLine[] = [];
      const beam = { ...base.beam, width: 4, samples: 4, rootSamples: 4 };
      const config = { ...base, beam, acting: { ...base.acting, mode: 'beam-then-mcts' as const } };
      await runTraining(aimingAt(config, goal), {
        runDir: join(folder, name),
        stop: { maxSteps: 8 },
        hooks: { onMetrics: (line) => lines.push(line) },
      });
      expect(lines.at(-1)?.bestRank).toBeGreaterThan(1);
      return new Set(lines.flatMap(({ treeSearch = [] }) => treeSearch));
    };
    // There is no factorization of rank 1.
    expect(await searchers('unreached', 1)).toEqual(new Set([0]));
    expect(await searchers('reached', MOVE_LIMIT)).toEqual(new Set([0, 1]));
  });
});

describe('games that begin inside the best', () => {
  it('are further ones until the goal is reached, no longer than what is left, and the same after a resume', async () => {
    const acting = { ...base.acting, games: 2, goalRank: 1, insideGames: 3 };
    const run = async (name: string, ...stops: number[]) => {
      let checkpoint = '';
      for (const maxSteps of stops) {
        const options = { runDir: join(folder, name), stop: { maxSteps }, resume: checkpoint !== '' };
        ({ checkpoint } = await runTraining({ ...base, acting }, options));
      }
      return (await loadCheckpoint(checkpoint)).resume?.played ?? [];
    };
    const games = await run('inside', 8);
    // There is no factorization of rank 1.
    expect(games).toHaveLength(8 * 5);
    const target = multiplicationTensor(base.size).join();
    const inside = games.filter(({ id }) => Number(id.split('-')[2]) >= 2);
    expect(inside.some(({ opening }) => opening.join() !== target)).toBe(true);
    expect(Math.max(...inside.map(({ moveLimit }) => moveLimit))).toBeLessThan(MOVE_LIMIT);
    expect(await run('inside-in-parts', 3, 8)).toEqual(games);
    acting.goalRank = MOVE_LIMIT;
    const reached = await run('reached-at-once', 8);
    expect(reached.filter(({ id }) => id.startsWith('step-1-'))).toHaveLength(5);
    expect(reached.filter(({ id }) => id.startsWith('step-8-'))).toHaveLength(2);
  });
});

describe('the goal of a configuration', () => {
  it('is the move limit unless a lower one is asked for', () => {
    const config = presetForSize('lean', { n: 2, m: 3, p: 3 });
    expect(config).toMatchObject({ moveLimit: 17, acting: { goalRank: 17 } });
    expect(aimingAt(config, 15)).toMatchObject({ moveLimit: 17, acting: { goalRank: 15 } });
    expect(aimingAt(aimingAt(config, 15)).acting.goalRank).toBe(17);
    expect(aimingAt(config, 20).acting.goalRank).toBe(17);
  });

  it('is read from configurations that named it after the beam search', () => {
    const { acting, ...others } = presetForSize('tiny', { n: 2, m: 2, p: 2 });
    const { goalRank, ...old } = acting;
    const read = parseTrainingConfig({ ...others, acting: { ...old, beamUntilRank: 6 } });
    expect(read.acting).toEqual({ ...acting, goalRank: 6 });
  });
});
