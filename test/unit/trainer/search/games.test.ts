import { describe, expect, it } from 'vitest';
import { Random, type Size } from '../../../../shared/src/index.js';
import { canonicalBasis, playedFactorization, randomBasis, targetTensor } from '../../../../trainer/src/game/basis.js';
import { returnsToGo } from '../../../../trainer/src/game/reward.js';
import { type GameRules, isSolved, type Position, play, start } from '../../../../trainer/src/game/state.js';
import type { Evaluator } from '../../../../trainer/src/search/evaluator.js';
import { GameSearch, type PlayedGame } from '../../../../trainer/src/search/game-search.js';
import { type SearchOptions, searchOptions } from '../../../../trainer/src/search/options.js';
import { runLockstep, searchGames } from '../../../../trainer/src/search/search.js';
import { NONE, SearchTree } from '../../../../trainer/src/search/tree.js';
import {
  clearingActions,
  clearingEvaluator,
  uniformAction,
  uniformEvaluator,
} from '../../../support/toy-evaluators.js';

function rulesFor(size: Size, moveLimit: number, values = [-1, 0, 1]): GameRules {
  return { size, arithmetic: 'standard', values, moveLimit };
}

const two = { n: 2, m: 2, p: 2 };
/** A function of the position alone, so that the order in which games ask does not matter. */
const byPosition = clearingEvaluator(({ residual, movesLeft }) => new Random(`${residual.join()}|${movesLeft}`));
const small = { simulations: 24, samples: 8, rootSamples: 12, horizon: Number.POSITIVE_INFINITY };

describe('a game', () => {
  it.each([
    { size: { n: 1, m: 1, p: 2 }, rank: 2 },
    { size: { n: 1, m: 2, p: 2 }, rank: 4 },
  ])('of $size.n,$size.m,$size.p is solved in $rank moves when the network knows how', async ({ size, rank }) => {
    const rules = rulesFor(size, rank + 3);
    const options = { ...small, simulations: 100 };
    const games = await searchGames(Array(4).fill(start(rules)), byPosition, options, new Random(1));
    for (const game of games) {
      expect(game.solved).toBe(true);
      expect(game.terminal).toBe(0);
      expect(isSolved(game.final)).toBe(true);
      expect(game.moves).toHaveLength(rank);
      expect(game.final.history).toEqual(game.moves);
      expect(returnsToGo(game.moves.length, game.terminal)[0]).toBe(-rank);
      expect(playedFactorization(rules, canonicalBasis(size), game.moves).rank).toBe(rank);
      expect(game.best).toEqual({ moves: expect.any(Array), return: -rank });
    }
  });

  it('is played on the transformed tensor in another basis and mapped back exactly', async () => {
    const size = { n: 1, m: 2, p: 2 };
    const rules = rulesFor(size, 16, [-2, -1, 0, 1, 2]);
    const basis = randomBasis(size, 'standard', new Random(4), { canonicalProbability: 0, offDiagonal: 0.2 });
    const target = targetTensor(basis);
    expect(target).not.toEqual(targetTensor(canonicalBasis(size)));
    const [game] = await searchGames([start(rules, target)], byPosition, small, new Random(1));
    expect(game.solved).toBe(true);
    expect(playedFactorization(rules, basis, game.moves).rank).toBe(game.moves.length);
  });

  it('ends at the move limit with minus the slice ranks of what is left', async () => {
    const [game] = await searchGames([start(rulesFor(two, 3))], byPosition, small, new Random(1));
    expect(game.solved).toBe(false);
    expect(game.moves).toHaveLength(3);
    expect(game.final.movesLeft).toBe(0);
    // Three of the eight ones can be cleared.
    expect(game.terminal).toBe(-5);
  });

  it('that is over before it began is returned as it is', async () => {
    const solved = start(rulesFor(two, 3), new Int8Array(64));
    const asked: number[] = [];
    const evaluator: Evaluator = async (positions) => {
      asked.push(positions.length);
      return [];
    };
    const [game] = await searchGames([solved], evaluator, small, new Random(1));
    expect(game).toMatchObject({ solved: true, moves: [], searched: [], evaluations: 0, simulations: 0 });
    expect(asked).toEqual([]);
  });

  it('reports the best solution a simulation saw, by its return with the bonus', async () => {
    const rules = rulesFor({ n: 1, m: 1, p: 2 }, 4);
    const seen: Position[] = [];
    const terminalBonus = (position: Position): number => {
      seen.push(position);
      return isSolved(position) ? -0.5 : -4;
    };
    const [game] = await searchGames([start(rules)], byPosition, { ...small, terminalBonus }, new Random(1));
    expect(game.terminal).toBe(-0.5);
    expect(game.best?.return).toBe(-2.5);
    expect(seen.every((position) => position.history.length === 4 - position.movesLeft)).toBe(true);
    for (const position of seen)
      expect(position.history.reduce(play, start(rules)).residual).toEqual(position.residual);
  });
});

describe('the evaluator', () => {
  it('is asked for positions whose history, oldest first, leads to their residual', async () => {
    const opening = start(rulesFor(two, 6));
    const evaluator: Evaluator = (positions, samples) => {
      for (const { history, residual, movesLeft } of positions) {
        const replayed = history.reduce(play, opening);
        expect([replayed.residual, replayed.movesLeft]).toEqual([residual, movesLeft]);
        expect(isSolved(replayed)).toBe(false);
        expect(movesLeft).toBeGreaterThan(0);
      }
      return byPosition(positions, samples);
    };
    await searchGames([opening], evaluator, { ...small, leavesPerStep: 4 }, new Random(2));
    expect.hasAssertions();
  });

  it('is asked for positions whose history is in order, oldest first', async () => {
    const moveLimit = 4;
    const seen = new Set<number>();
    // Every move tells in its u how many were left when it was made.
    const evaluator: Evaluator = async (positions, samples) =>
      positions.map(({ rules, history, movesLeft, residual }) => {
        seen.add(history.length);
        expect(history.map((move) => move.subarray(0, moveLimit).indexOf(1))).toEqual(history.map((_, age) => age));
        const random = new Random(residual.join());
        const actions = Array.from({ length: samples }, () => {
          const action = uniformAction(rules, random);
          action.fill(0, 0, moveLimit);
          action[moveLimit - movesLeft] = 1;
          return action;
        });
        return { actions, value: -random.float() };
      });
    await searchGames([start(rulesFor(two, moveLimit))], evaluator, small, new Random(2));
    expect([...seen].sort()).toEqual([0, 1, 2, 3]);
  });
});

describe('training targets', () => {
  it('are there for every move: the distinct actions, a policy that sums to 1, the values', async () => {
    const [game] = await searchGames([start(rulesFor(two, 10))], byPosition, small, new Random(3));
    expect(game.searched).toHaveLength(game.moves.length);
    game.searched.forEach(({ position, actions, policy, visits, values, searchValue, networkValue }, index) => {
      expect(position.history).toEqual(game.moves.slice(0, index));
      expect(new Set(actions.map(String)).size).toBe(actions.length);
      expect(policy.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 12);
      expect(policy).toHaveLength(actions.length);
      expect(values).toHaveLength(actions.length);
      expect(visits.every((count, i) => (count === 0) === (policy[i] === 0))).toBe(true);
      expect(Number.isFinite(searchValue)).toBe(true);
      expect(networkValue).toBe(-clearingActions(position).length);
      expect(actions.map(String)).toContain(String(game.moves[index]));
    });
  });
});

describe('the simulations', () => {
  it('top the root up to n_sim, what a reused subtree brings along included', async () => {
    const [game] = await searchGames([start(rulesFor(two, 10))], byPosition, small, new Random(2));
    const atRoots = game.searched.map(({ visits }) => visits.reduce((sum, count) => sum + count, 0));
    atRoots.forEach((count) => {
      expect(count).toBeGreaterThanOrEqual(small.simulations);
    });
    expect(atRoots[0]).toBe(small.simulations);
    // Without reuse each move would cost n_sim new simulations.
    expect(game.simulations).toBeLessThan(small.simulations * game.moves.length);
    expect(game.evaluations).toBeLessThanOrEqual(game.simulations + 1);
  });

  it('end at the horizon with the value of the network', async () => {
    const depths = new Set<number>();
    const evaluator: Evaluator = (positions, samples) => {
      for (const position of positions) depths.add(position.history.length);
      return byPosition(positions, samples);
    };
    const game = new GameSearch(start(rulesFor(two, 10)), searchOptions({ ...small, horizon: 2 }), new Random(2));
    game.expand(await evaluator(game.waiting, 8));
    for (game.collect(); game.waiting[0].history.length <= 2; game.collect()) {
      game.expand(await evaluator(game.waiting, 8));
    }
    // The first evaluation below the horizon belongs to the second move's search.
    expect(Math.max(...depths)).toBe(2);
    expect(game.result().searched.length).toBeGreaterThanOrEqual(1);
  });

  it('are cancelled between two steps', async () => {
    const controller = new AbortController();
    let calls = 0;
    const evaluator: Evaluator = (positions, samples) => {
      if (++calls === 5) controller.abort();
      return byPosition(positions, samples);
    };
    const running = searchGames([start(rulesFor(two, 10))], evaluator, small, new Random(2), controller.signal);
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(calls).toBe(5);
  });

  it('refuse an evaluator that answers too little', async () => {
    const openings = [start(rulesFor(two, 10))];
    await expect(searchGames(openings, async () => [], small, new Random(1))).rejects.toMatchObject({
      code: 'INTERNAL',
    });
    const empty: Evaluator = async (positions) => positions.map(() => ({ actions: [], value: -1 }));
    await expect(searchGames(openings, empty, small, new Random(1))).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

describe('value first', () => {
  const openings = [start(rulesFor(two, 4)), start(rulesFor({ n: 1, m: 2, p: 2 }, 2))];
  const first = { ...small, valueFirst: true };
  const play = (options: Partial<SearchOptions>): Promise<PlayedGame[]> =>
    searchGames(openings, byPosition, options, new Random(9));

  it('plays as with both at once while no solution is in sight, and draws far fewer actions', async () => {
    const [atOnce, later] = [await play(small), await play(first)];
    later.forEach((game, index) => {
      const { expansions, wasted, evaluations, ...same } = game;
      expect(atOnce[index]).toMatchObject(same);
      expect(atOnce[index].expansions).toBe(atOnce[index].evaluations);
      expect(expansions).toBeLessThan(atOnce[index].expansions);
      expect(wasted).toBeLessThan(atOnce[index].wasted);
      // Every leaf is asked for its value, and each that a simulation came to again for its actions.
      expect(evaluations).toBe(atOnce[index].evaluations + expansions - 1);
    });
  });

  it.each([1, 4])('asks for actions only where the value is known, with %i leaves a step', async (leavesPerStep) => {
    const game = new GameSearch(start(rulesFor(two, 9)), searchOptions({ ...first, leavesPerStep }), new Random(1));
    const valued = new Set<string>();
    const asked = { values: 0, actions: 0 };
    for (; !game.isOver; game.collect()) {
      const { waiting, wanted } = game;
      waiting.forEach((position, index) => {
        const key = `${position.residual.join()}|${position.movesLeft}`;
        if (wanted[index] === 0) {
          asked.values++;
          valued.add(key);
        } else if (position.history.length > 0) {
          asked.actions++;
          expect(valued.has(key)).toBe(true);
        }
      });
      const evaluations = await byPosition(waiting, small.samples);
      // What was not asked for is not there.
      game.expand(
        evaluations.map(({ value, actions }, index) => ({ value, actions: actions.slice(0, wanted[index]) })),
      );
    }
    expect(asked.actions).toBeGreaterThan(0);
    expect(game.result()).toMatchObject({ solved: true, evaluations: 1 + asked.values + asked.actions });
    expect(game.result().expansions).toBe(1 + asked.actions);
  });

  it('counts as wasted what was drawn and never followed', async () => {
    const options = searchOptions({ ...first, simulations: 2, valueFirst: false });
    const game = new GameSearch(start(rulesFor(two, 2)), options, new Random(1));
    game.expand(await byPosition(game.waiting, small.samples));
    game.collect();
    expect(game.result()).toMatchObject({ expansions: 1, wasted: 1 });
    game.expand(await byPosition(game.waiting, small.samples));
    expect(game.result()).toMatchObject({ expansions: 2, wasted: 1 });
  });
});

describe('lockstep', () => {
  const openings = [
    start(rulesFor(two, 9)),
    start(rulesFor(two, 5)),
    start(rulesFor({ n: 1, m: 2, p: 2 }, 9)),
    start(rulesFor(two, 9), targetTensor(randomBasis(two, 'standard', new Random(1), { offDiagonal: 0.1 }))),
  ];

  it.each([1, 4])('plays G games as it plays each alone, with %i leaves a step', async (leavesPerStep) => {
    const options: SearchOptions = searchOptions({ ...small, leavesPerStep });
    const together = await searchGames(openings, byPosition, options, new Random(9));
    const alone: PlayedGame[] = [];
    for (const [index, opening] of openings.entries()) {
      const game = new GameSearch(opening, options, new Random(9).split(index));
      await runLockstep([game], byPosition);
      alone.push(game.result());
    }
    expect(together).toEqual(alone);
  });

  it('asks for the leaves of all games at once, and repeats from its seed', async () => {
    const play = async (): Promise<{ sizes: number[]; games: PlayedGame[] }> => {
      const sizes: number[] = [];
      const random = uniformEvaluator(new Random(1));
      const evaluator: Evaluator = (positions, samples) => {
        sizes.push(positions.length);
        return random(positions, samples);
      };
      const games = await searchGames(
        Array(6).fill(start(rulesFor(two, 4))),
        evaluator,
        { ...small, leavesPerStep: 3 },
        new Random(1),
      );
      return { sizes, games };
    };
    const { sizes, games } = await play();
    expect(sizes[0]).toBe(6);
    expect(Math.max(...sizes)).toBe(18);
    expect(games.reduce((sum, game) => sum + game.evaluations, 0)).toBe(sizes.reduce((sum, x) => sum + x, 0));
    expect((await play()).games).toEqual(games);
  });
});

describe('the tree', () => {
  const rules = rulesFor({ n: 1, m: 1, p: 2 }, 4);
  const [a, b] = [Int8Array.of(1, 1, 1, 1, 0), Int8Array.of(1, 1, 0, 0, 1)];

  it('has one node for a state that two orders of moves reach, and none for another number of moves left', () => {
    const tree = new SearchTree(rules);
    const root = tree.addNode(start(rules).residual, 4);
    tree.setValue(root, -2);
    tree.setActions(root, [
      { action: a, prior: 0.5 },
      { action: b, prior: 0.5 },
    ]);
    const [afterA, afterB] = [tree.makeChild(root, 0), tree.makeChild(root, 1)];
    expect(afterB).not.toBe(afterA);
    tree.setValue(afterA, -2);
    tree.setActions(afterA, [{ action: b, prior: 1 }]);
    tree.setValue(afterB, -2);
    tree.setActions(afterB, [{ action: a, prior: 1 }]);
    const both = tree.makeChild(afterA, tree.firstEdge[afterA]);
    expect(tree.makeChild(afterB, tree.firstEdge[afterB])).toBe(both);
    expect(tree.nodeTotal).toBe(4);
    const position = [a, b].reduce(play, start(rules));
    expect(tree.residualOf(both)).toEqual(position.residual);
    expect(tree.findNode(position.residual, position.movesLeft)).toBe(both);
    expect(tree.findNode(position.residual, position.movesLeft - 1)).toBe(NONE);
  });

  it('tells states apart whose hashes agree only in part, while it grows', () => {
    const tree = new SearchTree(rulesFor(two, 4), 1, 1);
    const random = new Random(8);
    const states = Array.from({ length: 500 }, () => Int8Array.from({ length: 64 }, () => random.int(3) - 1));
    const nodes = states.map((state) => tree.addNode(state, 3));
    states.forEach((state, index) => {
      expect(tree.findNode(state, 3)).toBe(nodes[index]);
      expect(tree.residualOf(nodes[index])).toEqual(state);
    });
  });

  it('keeps what the new root reaches and drops the rest', () => {
    const tree = new SearchTree(rules);
    const root = tree.addNode(start(rules).residual, 4);
    tree.setValue(root, -2);
    tree.setActions(root, [
      { action: a, prior: 0.5 },
      { action: b, prior: 0.5 },
    ]);
    const [afterA, afterB] = [tree.makeChild(root, 0), tree.makeChild(root, 1)];
    tree.setValue(afterA, -1.5);
    tree.setActions(afterA, [{ action: b, prior: 1 }]);
    tree.backUp([root], [0], -1.5);
    tree.setValue(afterB, -9);
    tree.setActions(afterB, [{ action: a, prior: 1 }]);
    tree.backUp([root], [1], -9);
    const both = tree.makeChild(afterA, tree.firstEdge[afterA]);
    tree.setValue(both, -3);
    tree.setActions(both, [{ action: a, prior: 1 }]);
    tree.backUp([root, afterA], [0, tree.firstEdge[afterA]], -3);

    const pruned = tree.prune(afterA);
    expect(pruned.nodeTotal).toBe(2);
    expect(pruned.residualOf(0)).toEqual(tree.residualOf(afterA));
    expect([pruned.visits[0], pruned.returns[0], pruned.value[0]]).toEqual([1, -5.5, -1.5]);
    expect(pruned.child[pruned.firstEdge[0]]).toBe(1);
    expect(pruned.residualOf(1)).toEqual(tree.residualOf(both));
    expect(pruned.findNode(tree.residualOf(both), 2)).toBe(1);
    expect(pruned.findNode(tree.residualOf(afterB), 3)).toBe(NONE);
    expect([pruned.minimum, pruned.maximum]).toEqual([-4, -1.5]);
  });
});
