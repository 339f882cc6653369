import { describe, expect, it } from 'vitest';
import { contentHash, Random, standard, strassen, winograd } from '../../../../shared/src/index.js';
import { gameRules } from '../../../../trainer/src/config.js';
import { type Action, makeSignCanonical } from '../../../../trainer/src/game/action.js';
import { playedFactorization } from '../../../../trainer/src/game/basis.js';
import { isSolved, type Position, play } from '../../../../trainer/src/game/state.js';
import { randomSignedPermutation } from '../../../../trainer/src/game/symmetry.js';
import type { StoredGame } from '../../../../trainer/src/run/replay-file.js';
import { demonstratedGame, demonstrates } from '../../../../trainer/src/training/demonstrated-game.js';
import { exampleOf, permuteExample, sampleTargets } from '../../../../trainer/src/training/example.js';
import { gameInside } from '../../../../trainer/src/training/game-inside.js';
import { playedExample } from '../../../../trainer/src/training/played-examples.js';
import { ReplayBuffer } from '../../../../trainer/src/training/replay-buffer.js';
import { smallConfig } from '../../../support/small-network.js';

const CONFIG = smallConfig({
  replay: { playedGames: 2, swapProbability: 0, bestFactorizations: 2, symmetryOffDiagonal: 0.15 },
});
const RULES = gameRules(CONFIG);

/** A game of Strassen's moves, as a search would have left it. */
function storedGame(id: string, terminal = 0, bonus = 0): StoredGame {
  const { position, remaining } = demonstratedGame(RULES, strassen(), CONFIG, new Random('whole'));
  const moves = remaining;
  return {
    id,
    opening: position.residual,
    moveLimit: position.movesLeft,
    moves,
    searched: moves.map((action) => ({ actions: [action], policy: Float64Array.of(1) })),
    terminal,
    bonus,
  };
}

describe('a known factorization', () => {
  it('becomes games in random bases that its remaining terms solve, worth minus their number', () => {
    const random = new Random(11);
    const targets = new Set<string>();
    for (let i = 0; i < 50; i++) {
      const game = demonstratedGame(RULES, i % 2 ? strassen() : winograd(), CONFIG, random);
      expect(isSolved(game.remaining.reduce(play, game.position))).toBe(true);
      expect(game.position.history.length + game.remaining.length).toBe(7);
      expect(exampleOf(game).value).toBe(-game.remaining.length);
      for (const action of game.remaining) for (const x of action) expect(RULES.values).toContain(x);
      if (game.position.history.length === 0) targets.add(game.position.residual.join());
    }
    expect(targets.size).toBeGreaterThan(1);
  });

  it('is refused where it cannot be played', () => {
    expect(demonstrates(RULES, strassen())).toBe(true);
    expect(demonstrates({ ...RULES, moveLimit: 6 }, strassen())).toBe(false);
    expect(demonstrates({ ...RULES, values: [0, 1] }, strassen())).toBe(false);
  });
});

describe('a game inside the schoolbook algorithm', () => {
  const size = { n: 2, m: 2, p: 3 };
  const rules = { ...RULES, size, moveLimit: 11 };
  const basis = { canonicalProbability: 1, offDiagonal: 0, maxEntry: 1 };
  const config = {
    acting: { ...CONFIG.acting, basis },
    replay: { ...CONFIG.replay, symmetryOffDiagonal: 0 },
  };
  const games = Array.from({ length: 60 }, (_, seed) => gameInside(rules, standard(size), config, new Random(seed)));
  /** The moves that take one entry each. */
  const elementary = ({ residual }: Position): Action[] =>
    [...residual].flatMap((x, cell) => {
      if (x === 0) return [];
      const action = new Int8Array(16);
      action[Math.floor(cell / 36)] = 1;
      action[4 + (Math.floor(cell / 6) % 6)] = 1;
      action[10 + (cell % 6)] = x;
      return [makeSignCanonical(action, size)];
    });

  it('has one move fewer than terms are left where that is above the move limit, and ends with a factorization of the target', () => {
    for (const { opening, prefix, basis: own } of games) {
      const moves = elementary(opening);
      expect(opening).toMatchObject({ history: [], movesLeft: moves.length - 1 });
      expect(prefix.length + moves.length).toBe(12);
      expect(isSolved(moves.reduce(play, opening))).toBe(true);
      expect(playedFactorization(rules, own, [...prefix, ...moves]).rank).toBe(12);
    }
  });

  it('is a smaller product now and then, and anything else that is left too', () => {
    // Which values of each index the entries that are left have; they are a product if they have them in all combinations.
    const isProduct = ({ residual }: Position): boolean => {
      const seen = [new Set<number>(), new Set<number>(), new Set<number>()];
      let count = 0;
      residual.forEach((x, cell) => {
        if (x === 0) return;
        count++;
        const [u, v] = [Math.floor(cell / 36), Math.floor(cell / 6) % 6];
        seen[0].add(Math.floor(u / 2));
        seen[1].add(u % 2);
        seen[2].add(v % 3);
      });
      return count > 1 && count === seen[0].size * seen[1].size * seen[2].size;
    };
    const products = games.filter(({ opening }) => opening.movesLeft === 7 && isProduct(opening));
    expect(products.length).toBeGreaterThan(5);
    expect(games.filter(({ opening }) => !isProduct(opening)).length).toBeGreaterThan(10);
  });
});

describe('a played game', () => {
  it('has the return to go as its value, the terminal reward and the bonus included', () => {
    const game = storedGame('g', -3, -0.5);
    const random = new Random(1);
    const values = new Map<number, number>();
    for (let i = 0; i < 100; i++) {
      const { position, value } = playedExample(RULES, game, random);
      values.set(position.history.length, value);
    }
    const length = game.moves.length;
    expect(values.size).toBe(length);
    for (const [played, value] of values) expect(value).toBe(-(length - played) - 3.5);
  });

  it('takes a measured reward when it arrives, whether or not it is still there', () => {
    const config = { ...CONFIG, learner: { ...CONFIG.learner, mix: { synthetic: 0, played: 1, best: 0 } } };
    const replay = new ReplayBuffer(RULES, config);
    replay.addGame({ ...storedGame('a', 0, -1), hash: 'found' });
    replay.applyBonus('found', -2);
    replay.applyBonus('gone', -9);
    const { position, value } = replay.sample(new Random(2));
    expect(value).toBe(-(replay.played[0].moves.length - position.history.length) - 2);
    replay.addGame(storedGame('b'));
    replay.addGame(storedGame('c'));
    expect(replay.played.map(({ id }) => id)).toEqual(['b', 'c']);
  });

  it('forgets a game whose measurement was lost', () => {
    const replay = new ReplayBuffer(RULES, CONFIG);
    replay.addGame(storedGame('a'));
    replay.addGame(storedGame('b'));
    replay.dropGame('a');
    replay.dropGame('gone');
    expect(replay.played.map(({ id }) => id)).toEqual(['b']);
  });
});

describe('the replay', () => {
  it('keeps the best factorizations by rank and measured bonus, and never drops a demonstration', () => {
    const replay = new ReplayBuffer(RULES, CONFIG);
    expect(replay.addBest(standard(CONFIG.size), 0, 'rl')).toBe(true);
    expect(replay.addBest(strassen(), 0, 'rl')).toBe(true);
    expect(replay.addBest(strassen(), 0, 'rl')).toBe(false);
    expect(replay.addBest(winograd(), -0.5, 'rl')).toBe(true);
    expect(replay.best.map(({ factorization }) => factorization.rank)).toEqual([7, 7]);
    const [first, second] = replay.best;
    replay.applyBonus(second.hash, 0.5);
    expect(replay.best.map(({ hash }) => hash)).toEqual([second.hash, first.hash]);
    const given = new ReplayBuffer(RULES, CONFIG);
    given.addBest(standard(CONFIG.size), 0, 'demonstration');
    given.addBest(strassen(), 0, 'rl');
    given.addBest(winograd(), 0, 'rl');
    expect(given.best.map(({ origin }) => origin)).toEqual(['rl', 'demonstration']);
    // Of equals, the oldest makes room.
    expect(given.best[0].hash).toBe(contentHash(winograd()));
  });

  it('shows those of the best that are faster more often, by what their latency is worth in moves', () => {
    const config = { ...CONFIG, learner: { ...CONFIG.learner, mix: { synthetic: 0, played: 0, best: 1 } } };
    /** The share of the samples that are of the algorithm whose bonus is given. */
    const shareOf = (bonus: number): number => {
      const replay = new ReplayBuffer(RULES, config);
      replay.addBest(strassen(), 0.25, 'rl');
      replay.addBest(winograd(), bonus, 'rl');
      const random = new Random('shares');
      const samples = Array.from({ length: 300 }, () => replay.sample(random));
      const hasBonus = samples.filter(({ value, actions }) => value + actions.length === bonus);
      return hasBonus.length / samples.length;
    };
    // A move less: a fifth. Five moves less: hardly any. As much: all of them have that bonus.
    expect(shareOf(-0.75)).toBeGreaterThan(0.1);
    expect(shareOf(-0.75)).toBeLessThan(0.3);
    expect(shareOf(-4.75)).toBeLessThan(0.02);
    expect(shareOf(0.25)).toBe(1);
  });

  it('gives synthetic games while the other sources are empty', () => {
    const replay = new ReplayBuffer(RULES, CONFIG);
    const random = new Random(3);
    for (let i = 0; i < 20; i++) {
      const { value, actions } = replay.sample(random);
      expect(value).toBe(-actions.length);
    }
  });
});

describe('policy targets', () => {
  const actions = Array.from({ length: 5 }, (_, i) => Int8Array.of(i));
  const policy = [0.4, 0.3, 0.15, 0.1, 0.05];
  const example = {
    position: exampleOf(demonstratedGame(RULES, strassen(), CONFIG, new Random(4))).position,
    value: 0,
  };

  it('are all actions with their weights where they fit', () => {
    const targets = sampleTargets({ ...example, actions, policy }, 7, new Random(1));
    expect(targets.weights).toEqual([...policy, 0, 0]);
    expect(targets.actions).toHaveLength(7);
  });

  it('are an unbiased sample where they do not', () => {
    const random = new Random(2);
    const share = [0, 0, 0, 0, 0];
    for (let i = 0; i < 4000; i++) {
      const targets = sampleTargets({ ...example, actions, policy }, 3, random);
      expect(targets.weights).toEqual([1 / 3, 1 / 3, 1 / 3]);
      targets.actions.forEach((action, k) => {
        share[action[0]] += targets.weights[k] / 4000;
      });
    }
    share.forEach((x, i) => {
      expect(x).toBeCloseTo(policy[i], 1);
      expect(Math.abs(x - policy[i])).toBeLessThan(0.02);
    });
  });

  it('still solve the position in other coordinates', () => {
    const random = new Random(5);
    const game = exampleOf(demonstratedGame(RULES, strassen(), CONFIG, random));
    const other = permuteExample(game, randomSignedPermutation(CONFIG.size, CONFIG.arithmetic, random));
    expect(other.position.residual).not.toEqual(game.position.residual);
    expect(isSolved(other.actions.reduce(play, other.position))).toBe(true);
    expect(other.position.history).toHaveLength(game.position.history.length);
  });
});

describe('a limit on the samples of played games', () => {
  it('leaves their share to the other sources until a new game comes', () => {
    const replay = new ReplayBuffer(RULES, {
      ...CONFIG,
      learner: { ...CONFIG.learner, mix: { synthetic: 0.5, played: 0.5, best: 0 } },
    });
    replay.addGame(storedGame('before the limit'));
    replay.limitPlayed(2);
    expect(replay.mix.played).toBe(0);
    replay.addGame(storedGame('new'));
    const allowed = 2 * storedGame('new').moves.length;
    const random = new Random('samples');
    let shown = 0;
    while (replay.mix.played > 0) {
      const before = new Random(random.state);
      replay.sample(random);
      if (before.categorical([0.5, 0.5, 0]) === 1) shown++;
    }
    expect(shown).toBe(allowed);
  });
});
