import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../../shared/src/index.js';
import { syntheticGame } from '../../../../trainer/src/game/demonstrations.js';
import { isSolved, type Position, play, start } from '../../../../trainer/src/game/state.js';
import type { StoredGame } from '../../../../trainer/src/run/replay-file.js';
import { swappedExample } from '../../../../trainer/src/training/played-examples.js';

const SIZE = { n: 2, m: 1, p: 2 };
const OPTIONS = { maxRank: 6, rankExponent: 0.9, zeroProbability: [0.4, 0.75] as const, sizeWeights: [0.9, 0.1] };

/** Solved games of two moves or more, over the integers and modulo 2, as a search would have left them. */
const solvedGames = fc
  .tuple(fc.constantFrom('standard' as const, 'modulo-2' as const), fc.integer(), fc.double({ min: -4, max: 0 }))
  .map(([arithmetic, seed, bonus]) => {
    const values = arithmetic === 'standard' ? [-2, -1, 0, 1, 2] : [0, 1];
    const rules = { size: SIZE, arithmetic, values, moveLimit: 8 };
    const { position, remaining } = syntheticGame(rules, OPTIONS, new Random(seed));
    const searched = remaining.map((action) => ({ actions: [action], policy: Float64Array.of(1) }));
    const game: StoredGame = {
      id: 'g',
      opening: position.residual,
      moveLimit: rules.moveLimit,
      moves: remaining,
      searched,
      terminal: 0,
      bonus: Number.isNaN(bonus) ? 0 : bonus,
    };
    return { rules, game };
  })
  .filter(({ game }) => game.moves.length > 1);

describe('a played game with two moves swapped', () => {
  it('still reaches zero, at the same return, by moves that are all worth imitating', () => {
    fc.assert(
      fc.property(solvedGames, fc.integer(), ({ rules, game }, seed) => {
        const { position, actions, policy, value } = swappedExample(rules, game, new Random(seed));
        expect(isSolved(actions.reduce(play, position))).toBe(true);
        expect(value).toBeCloseTo(-actions.length + game.bonus);
        expect(Array.from(policy).reduce((x, y) => x + y)).toBeCloseTo(1);
        expect(policy).toHaveLength(actions.length);
        expect(position.movesLeft).toBe(rules.moveLimit - position.history.length);
        expect(replayed(position, game.opening).residual).toEqual(position.residual);
      }),
    );
  });

  it('is the same game but for a random move and the last one, and shows what that changed', () => {
    fc.assert(
      fc.property(solvedGames, fc.integer(), ({ rules, game }, seed) => {
        const { position, actions } = swappedExample(rules, game, new Random(seed));
        const moves = [...position.history, ...actions];
        const last = moves.length - 1;
        const moved = moves.flatMap((move, i) => (move === game.moves[i] ? [] : [i]));
        // Two moves that are equal may have changed places unseen, not as objects though.
        expect(moved).toHaveLength(2);
        expect(moved[1]).toBe(last);
        expect(moves[moved[0]]).toBe(game.moves[last]);
        expect(moves[last]).toBe(game.moves[moved[0]]);
        expect(position.history.length).toBeGreaterThan(moved[0]);
        expect(actions.length).toBeGreaterThan(0);
      }),
    );
  });

  it('shows every position that a swap leads to', () => {
    const { rules, game } = fc.sample(
      solvedGames.filter(({ game: { moves } }) => moves.length === 4),
      { numRuns: 1, seed: 1 },
    )[0];
    const random = new Random(2);
    const lengths = Array.from({ length: 200 }, () => swappedExample(rules, game, random).position.history.length);
    expect([...new Set(lengths)].sort()).toEqual([1, 2, 3]);
  });
});

/** The position that the history leads to. */
function replayed({ rules, history }: Position, opening: Int8Array): Position {
  return history.reduce(play, start(rules, opening));
}
