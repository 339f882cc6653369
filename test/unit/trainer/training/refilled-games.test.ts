import { describe, expect, it } from 'vitest';
import { Random } from '../../../../shared/src/index.js';
import { gameRules } from '../../../../trainer/src/config.js';
import { randomAction } from '../../../../trainer/src/game/demonstrations.js';
import type { Sampler } from '../../../../trainer/src/network/sampler.js';
import { RefilledGames } from '../../../../trainer/src/training/refilled-games.js';
import { SMALL_RUN as CONFIG } from '../../../support/small-network.js';

/** Draws moves at random; `calls` gets the number of positions of each call. */
function randomSampler(calls: number[] = []): Sampler {
  const rules = gameRules(CONFIG);
  return {
    permutations: [{} as Sampler['permutations'][number]],
    historyLength: 0,
    sample: async (positions, samples, random) => {
      calls.push(positions.length);
      return positions.map(() => ({
        actions: Array.from({ length: samples }, () => randomAction(rules, 0.5, [1, 0, 1], random)),
        quantiles: new Float32Array(CONFIG.network.value.quantiles),
      }));
    },
  };
}

const plan = { searcher: 'mcts', moveLimit: CONFIG.moveLimit, insideGames: 0 } as const;
const makeGames = (lanes: number) => new RefilledGames(CONFIG, { lanes, name: 'w', random: new Random(1) });

describe('games that are refilled', () => {
  it('begin where others end, so that as many as there are lanes are always under way', async () => {
    const games = makeGames(3);
    games.renew({ step: 10, plan, begun: [] }, randomSampler());
    const ids: string[] = [];
    while (ids.length < 8) {
      games.fill(3);
      expect(games.underWay).toBe(3);
      ids.push(...(await games.step()).map(({ game }) => game.id));
    }
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('name the weights that they began with, though they go on with newer ones', async () => {
    const games = makeGames(1);
    expect(games.oldest).toBeUndefined();
    games.renew({ step: 10, plan, begun: [] }, randomSampler());
    games.fill(1);
    games.renew({ step: 20, plan, begun: [] }, randomSampler());
    expect([games.oldest, games.weightsStep]).toEqual([10, 20]);
    let ended = await games.step();
    while (ended.length === 0) ended = await games.step();
    expect(ended.map(({ weightsStep }) => weightsStep)).toEqual([10]);
    games.fill(1);
    expect(games.oldest).toBe(20);
  });

  it('begin no more than there is room for, and none before the first weights', () => {
    const games = makeGames(4);
    games.fill(4);
    expect(games.underWay).toBe(0);
    games.renew({ step: 1, plan, begun: [] }, randomSampler());
    for (const room of [-1, 0]) {
      games.fill(room);
      expect(games.underWay).toBe(0);
    }
    games.fill(2);
    expect(games.underWay).toBe(2);
  });

  it('are beam searches, one after the other, where the plan says so', async () => {
    const games = makeGames(4);
    games.renew({ step: 1, plan: { ...plan, searcher: 'beam' }, begun: [] }, randomSampler());
    games.fill(4);
    expect(games.underWay).toBe(1);
    const [{ game }] = await games.step();
    expect(game).toMatchObject({ searcher: 'beam', stored: undefined });
    expect(games.underWay).toBe(0);
  });
});
