import { contentHash, sameSize } from '@alphatensor-edge/shared';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeGame, encodeGame, type GameMessage } from '../../../../trainer/src/cluster/game-message.js';
import { RefusedGame } from '../../../../trainer/src/cluster/refusal.js';
import { checkOrigin, replayGame } from '../../../../trainer/src/cluster/verify-game.js';
import { GameMaker } from '../../../support/cluster-games.js';

let maker: GameMaker;
let game: GameMessage;
beforeAll(async () => {
  maker = await GameMaker.open('verify');
  game = decodeGame(encodeGame(maker.make('one.abc.1', 5)));
});

function refusalOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof RefusedGame) return error.reason;
    throw error;
  }
  return 'taken';
}

describe('a game from another machine', () => {
  it('is the one that was played', () => {
    const { solved, moves, stored, found, return: gained } = replayGame(game, maker.config);
    expect(solved).toBe(true);
    expect([moves, gained, stored?.terminal]).toEqual([11, -11, 0]);
    expect(found).toHaveLength(1);
    expect(sameSize(found[0].size, maker.config.size)).toBe(true);
    expect(stored?.hash).toBe(contentHash(found[0]));
    expect(stored?.searched).toHaveLength(11);
    for (const { policy } of stored?.searched ?? []) {
      expect(policy.reduce((left, right) => left + right, 0)).toBeCloseTo(1, 12);
    }
  });

  it('is unsolved if its last move is another one', () => {
    const moves = Uint8Array.from(game.moves);
    const length = moves.length / 11;
    // Another of the searched moves of the last position.
    const last = game.searched[10].actions.slice(5 * length, 6 * length);
    moves.set(last, 10 * length);
    const { solved, stored, found } = replayGame({ ...game, moves }, maker.config);
    expect([solved, found.length]).toEqual([false, 0]);
    expect(stored?.terminal).toBeLessThan(0);
  });

  it.each([
    ['other weights', { version: 6 }, 'wrong'],
    ['old weights', { version: 2 }, 'stale'],
    ['another configuration', { configuration: 'f'.repeat(64) }, 'configuration'],
    ["another actor's id", { id: 'two.abc.1' }, 'malformed'],
    ['another form', { format: 2 }, 'malformed'],
  ])('is refused for %s', (_, change, reason) => {
    const expected = { config: maker.config, configuration: maker.configuration, newest: 5, oldest: 3 };
    expect(refusalOf(() => checkOrigin(game, 'one', expected))).toBe('taken');
    expect(refusalOf(() => checkOrigin({ ...game, ...change }, 'one', expected))).toBe(reason);
  });

  it.each([
    ['a move outside the alphabet', (moves: Uint8Array) => (moves[0] = 2), 'wrong'],
    ['a factor that is zero', (moves: Uint8Array) => moves.fill(0, 0, 4), 'wrong'],
  ])('is refused for %s', (_, change, reason) => {
    const moves = Uint8Array.from(game.moves);
    change(moves);
    expect(refusalOf(() => replayGame({ ...game, moves }, maker.config))).toBe(reason);
  });

  it.each([
    ['one move too few', () => ({ moves: game.moves.slice(16), searched: game.searched.slice(1) }), 'wrong'],
    ['a policy too few', () => ({ searched: game.searched.slice(1) }), 'wrong'],
    ['a policy that sums to 2', () => ({ searched: changed(({ policy }) => policy.map((x) => 2 * x)) }), 'policy'],
    [
      'a policy with a negative part',
      () => ({ searched: changed(({ policy }) => [-0.5, ...policy.slice(1)]) }),
      'policy',
    ],
    [
      'a policy that is no number',
      () => ({ searched: changed(({ policy }) => [Number.NaN, ...policy.slice(1)]) }),
      'policy',
    ],
    ['more moves than it may have', () => ({ moveLimit: 500 }), 'wrong'],
    ['a size that is not searched', () => ({ target: [2, 2, 2] }), 'wrong'],
    [
      'a basis that is not inverse',
      () => ({ u: { matrix: game.u?.matrix ?? [], inverse: game.v?.inverse ?? [] } }),
      'wrong',
    ],
    ['no basis', () => ({ u: null }), 'wrong'],
    ['moves before its beginning', () => ({ prefix: game.moves.slice(0, 16) }), 'wrong'],
    [
      'a false claim',
      () => ({ found: [{ rank: 1, u: [1, 0, 0, 0], v: [1, 0, 0, 0, 0, 0], w: [1, 0, 0, 0, 0, 0] }] }),
      'false-claim',
    ],
    ['a search that there is not', () => ({ searcher: 7 }), 'malformed'],
  ])('is refused for %s', (_, change, reason) => {
    expect(refusalOf(() => replayGame({ ...game, ...(change() as Partial<GameMessage>) }, maker.config))).toBe(reason);
  });

  function changed(policyOf: (one: GameMessage['searched'][number]) => number[]): GameMessage['searched'] {
    return game.searched.map((one, index) => (index === 3 ? { ...one, policy: policyOf(one) } : one));
  }
});
