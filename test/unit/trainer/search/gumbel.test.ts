import { describe, expect, it } from 'vitest';
import { Random } from '../../../../shared/src/index.js';
import { start } from '../../../../trainer/src/game/state.js';
import {
  halvingSchedule,
  improvedLogits,
  SequentialHalving,
  selectByImprovedPolicy,
  softmax,
} from '../../../../trainer/src/search/gumbel.js';
import { searchOptions } from '../../../../trainer/src/search/options.js';
import { searchGames } from '../../../../trainer/src/search/search.js';
import { SearchTree } from '../../../../trainer/src/search/tree.js';
import { clearingEvaluator } from '../../../support/toy-evaluators.js';

const rules = { size: { n: 1, m: 2, p: 2 }, arithmetic: 'standard' as const, values: [-1, 0, 1], moveLimit: 7 };

/** A root with an edge for each prior, none of which solves anything. */
function rootWith(priors: readonly number[], value: number): SearchTree {
  const tree = new SearchTree(rules);
  tree.addNode(
    Int8Array.from({ length: 16 }, () => 5),
    4,
  );
  const actions = priors.map((prior, index) => ({ action: Int8Array.of(1, index, 1, 0, 0, 0, 1, 0), prior }));
  tree.setValue(0, value);
  tree.setActions(0, actions);
  return tree;
}

function randomCase(random: Random): { priors: number[]; values: number[]; mean: number } {
  const weights = Array.from({ length: 2 + random.int(12) }, () => 0.05 + random.float());
  const sum = weights.reduce((x, y) => x + y);
  const priors = weights.map((weight) => weight / sum);
  const values = priors.map(() => -8 + 4 * random.float());
  return { priors, values, mean: priors.reduce((total, prior, i) => total + prior * values[i], 0) };
}

describe('the improved policy by completed values', () => {
  it('is worth at least what the prior is, when it knows the values', () => {
    const random = new Random(1);
    for (let i = 0; i < 200; i++) {
      const { priors, values, mean } = randomCase(random);
      const tree = rootWith(priors, mean);
      values.forEach((value, edge) => {
        tree.backUp([0], [edge], value + 1);
      });
      const policy = softmax(improvedLogits(tree, 0, 0.1));
      expect(policy.reduce((x, y) => x + y)).toBeCloseTo(1);
      expect(policy.reduce((sum, share, edge) => sum + share * values[edge], 0)).toBeGreaterThan(mean);
    }
  });

  it('is the prior where nothing is known', () => {
    const tree = rootWith([0.5, 0.3, 0.2], -3);
    expect([...softmax(improvedLogits(tree, 0, 0.1))]).toEqual([0.5, 0.3, 0.2].map((x) => expect.closeTo(x)));
    expect(selectByImprovedPolicy(tree, 0, 0.1)).toBe(0);
  });

  it('gives the unvisited the mixed value: here (V + N Q) / (1 + N), between the two', () => {
    const tree = rootWith([0.5, 0.5], -2);
    tree.backUp([0], [0], -3);
    tree.backUp([0], [0], -3);
    // Q = -4, V_mix = (-2 + 2 * -4) / 3: scaled to 0 and 1, times (50 + 2) * 0.1.
    expect([...improvedLogits(tree, 0, 0.1)].map((logit) => logit - Math.log(0.5))).toEqual([0, expect.closeTo(5.2)]);
  });
});

describe('sequential halving', () => {
  it('gives all considered actions the same, then the better half, down to two', () => {
    expect(halvingSchedule(4, 8)).toEqual([0, 0, 0, 0, 1, 1, 2, 2]);
    expect(halvingSchedule(4, 6)).toEqual([0, 0, 0, 0, 1, 1]);
    expect(halvingSchedule(4, 3)).toEqual([0, 0, 0]);
    expect(halvingSchedule(1, 3)).toEqual([0, 1, 2]);
    expect(halvingSchedule(5, 0)).toEqual([]);
  });

  it.each([2, 4, 16])('with %i simulations plays better moves than the prior, on average', (simulations) => {
    const random = new Random(2);
    let gained = 0;
    for (let i = 0; i < 400; i++) {
      const { priors, values, mean } = randomCase(random);
      const tree = rootWith(priors, mean);
      const halving = new SequentialHalving(tree, searchOptions({ selection: 'gumbel', simulations }), random.split(i));
      for (let simulation = 0; simulation < simulations; simulation++) {
        const edge = halving.select();
        halving.count(edge);
        tree.backUp([0], [edge], values[edge] + 1);
      }
      gained += (values[halving.choose()] - mean) / 400;
    }
    // A quarter of a move; the values are spread over four.
    expect(gained).toBeGreaterThan(0.25);
  });

  it('draws its moves from the prior where it cannot simulate', () => {
    const counts = [0, 0, 0];
    for (let i = 0; i < 3000; i++) {
      const tree = rootWith([0.6, 0.3, 0.1], -3);
      const options = searchOptions({ selection: 'gumbel', simulations: 1, consideredActions: 1 });
      counts[new SequentialHalving(tree, options, new Random(i)).select()]++;
    }
    expect(counts[0] / 3000).toBeCloseTo(0.6, 1);
    expect(counts[1] / 3000).toBeCloseTo(0.3, 1);
  });
});

describe('a game searched by sequential halving', () => {
  it.each([1, 3])('is solved, with %i leaves a step, and has targets that sum to 1', async (leavesPerStep) => {
    const evaluator = clearingEvaluator(({ residual, movesLeft }) => new Random(`${residual.join()}|${movesLeft}`));
    const options = {
      selection: 'gumbel',
      simulations: 60,
      samples: 8,
      rootSamples: 12,
      leavesPerStep,
      gumbelScale: 0,
    } as const;
    const games = await searchGames(Array(3).fill(start(rules)), evaluator, options, new Random(1));
    for (const { solved, moves, searched } of games) {
      expect(solved).toBe(true);
      expect(moves).toHaveLength(4);
      for (const { policy, visits } of searched) {
        expect(policy.reduce((x, y) => x + y)).toBeCloseTo(1);
        expect(visits.reduce((x, y) => x + y)).toBeGreaterThanOrEqual(60);
      }
    }
    const again = await searchGames(Array(3).fill(start(rules)), evaluator, options, new Random(1));
    expect(again).toEqual(games);
  });
});
