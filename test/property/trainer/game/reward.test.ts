import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { multiplicationTensor, Random, standard } from '../../../../shared/src/index.js';
import { returnsToGo, sliceRankSum, terminalReward } from '../../../../trainer/src/game/reward.js';
import { type GameRules, isOver, isSolved, type Position, play, start } from '../../../../trainer/src/game/state.js';
import { clearingActions, uniformAction } from '../../../support/toy-evaluators.js';

const rules: GameRules = {
  size: { n: 2, m: 2, p: 2 },
  arithmetic: 'standard',
  values: [-1, 0, 1],
  moveLimit: 10,
};

/** Clears the whole residual, one entry a move, after `wander` moves at random. */
function playedOut(wander: number, random: Random): Position[] {
  const positions = [start({ ...rules, moveLimit: 200 })];
  const last = () => positions[positions.length - 1];
  for (let i = 0; i < wander && !isOver(last()); i++) positions.push(play(last(), uniformAction(rules, random)));
  while (!isOver(last())) positions.push(play(last(), clearingActions(last())[0]));
  return positions;
}

describe('the reward', () => {
  it('of reaching zero is minus the steps', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 3 }), (seed, wander) => {
        const positions = playedOut(wander, new Random(seed));
        const end = positions[positions.length - 1];
        expect(isSolved(end)).toBe(true);
        expect(isOver(end)).toBe(true);
        expect(end.movesLeft).toBeGreaterThan(0);
        const returns = returnsToGo(end.history.length, terminalReward(end));
        returns.forEach((value, t) => {
          expect(value).toBe(-(end.history.length - t));
        });
      }),
      { numRuns: 30 },
    );
  });

  it('of any unsolved game is below that of any solved one, with the latency part too', () => {
    const lambda = 7;
    const worst = -lambda * 4;
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 10 }),
        fc.double({ min: -4, max: 0, noNaN: true }),
        (seed, steps, b) => {
          const random = new Random(seed);
          let position = start(rules);
          while (!isOver(position)) position = play(position, uniformAction(rules, random));
          fc.pre(!isSolved(position));
          expect(position.movesLeft).toBe(0);
          const solved = { ...start(rules, new Int8Array(64)) };
          expect(returnsToGo(rules.moveLimit, terminalReward(position))[0]).toBeLessThan(
            returnsToGo(steps, terminalReward(solved))[0],
          );
          expect(returnsToGo(rules.moveLimit, terminalReward(position, worst))[0]).toBeLessThan(
            returnsToGo(steps, terminalReward(solved, lambda * b))[0],
          );
        },
      ),
    );
  });

  it('ranks the slices exactly', () => {
    expect(sliceRankSum(multiplicationTensor({ n: 2, m: 2, p: 2 }), { n: 2, m: 2, p: 2 }, 'standard')).toBe(8);
    expect(sliceRankSum(multiplicationTensor({ n: 2, m: 3, p: 4 }), { n: 2, m: 3, p: 4 }, 'standard')).toBe(24);
    // One slice [[1, 1], [-1, 1]]: of rank 2 over the rationals, of rank 1 modulo 2.
    const size = { n: 2, m: 1, p: 2 };
    const slice = Int8Array.from({ length: 2 * 2 * 4 }, (_, i) => (i % 4 === 0 ? [1, 1, -1, 1][i / 4] : 0));
    expect(sliceRankSum(slice, size, 'standard')).toBe(2);
    expect(
      sliceRankSum(
        slice.map((x) => x & 1),
        size,
        'modulo-2',
      ),
    ).toBe(1);
  });

  it('bounds the rank: a sum of r terms has slice ranks of at most r each, and 0 only for the zero tensor', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 4 }), (seed, terms) => {
        const random = new Random(seed);
        let position = start({ ...rules, moveLimit: 9 }, new Int8Array(64));
        for (let i = 0; i < terms; i++) position = play(position, uniformAction(rules, random));
        const sum = sliceRankSum(position.residual, rules.size, 'standard');
        expect(sum).toBeLessThanOrEqual(4 * terms);
        expect(sum === 0).toBe(isSolved(position));
      }),
    );
  });

  it('of a synthetic game is the return of the same game played', () => {
    const rank = standard(rules.size).rank;
    expect([...returnsToGo(rank, 0)]).toEqual([-8, -7, -6, -5, -4, -3, -2, -1]);
  });
});
