import { AlphaTensorError, Random, verify } from '@alphatensor-edge/shared';
import { beforeAll, expect, it } from 'vitest';
import { decodeGame, encodeGame } from '../../../../trainer/src/cluster/game-message.js';
import { RefusedGame } from '../../../../trainer/src/cluster/refusal.js';
import { replayGame } from '../../../../trainer/src/cluster/verify-game.js';
import { gameRules } from '../../../../trainer/src/config.js';
import { returnsToGo } from '../../../../trainer/src/game/reward.js';
import { isSolved, play, start } from '../../../../trainer/src/game/state.js';
import { GameMaker } from '../../../support/cluster-games.js';

let maker: GameMaker;
beforeAll(async () => {
  maker = await GameMaker.open('mutated');
});

// What is taken must be true by the slow rules of the game, whatever the bytes were.
it('takes no mutated game that is not one by the rules', () => {
  const random = new Random('mutations');
  const rules = gameRules(maker.config);
  const whole = encodeGame(maker.make('one.abc.1', 5, 8));
  const reasons = new Map<string, number>();
  for (let round = 0; round < 250; round++) {
    const bytes = Uint8Array.from(whole);
    const changes = 1 + random.int(3);
    for (let change = 0; change < changes; change++) {
      const at = random.int(bytes.length);
      bytes[at] = random.bernoulli(0.5) ? random.int(256) : bytes[at] ^ (1 << random.int(8));
    }
    const cut = random.bernoulli(0.1) ? bytes.slice(0, random.int(bytes.length)) : bytes;
    let reason = 'taken';
    try {
      const { stored, solved, found } = replayGame(decodeGame(cut), maker.config);
      for (const factorization of found) verify(factorization);
      if (stored !== undefined) {
        const end = stored.moves.reduce(play, start(rules, stored.opening, stored.moveLimit));
        expect(isSolved(end)).toBe(solved);
        expect(returnsToGo(stored.moves.length, stored.terminal).every(Number.isFinite)).toBe(true);
        for (const { actions, policy } of stored.searched) {
          expect(policy).toHaveLength(actions.length);
          expect(policy.every((x) => x >= 0)).toBe(true);
          expect(policy.reduce((left, right) => left + right, 0)).toBeCloseTo(1, 9);
        }
      }
    } catch (error) {
      if (error instanceof RefusedGame) reason = error.reason;
      else if (error instanceof AlphaTensorError && error.code === 'UNSUPPORTED_FORMAT') reason = 'malformed';
      else throw error;
    }
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  // A change of a policy's last digits is no fault, so some are taken.
  expect(reasons.get('taken')).toBeGreaterThan(10);
  expect(reasons.get('wrong')).toBeGreaterThan(50);
});
