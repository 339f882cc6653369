import type { Random, VerifiedFactorization } from '@alphatensor-edge/shared';
import type { TrainingConfig } from '../config.js';
import type { Action } from '../game/action.js';
import { type Basis, targetTensor } from '../game/basis.js';
import { termsOf } from '../game/moves.js';
import { type GameRules, type Position, play, start } from '../game/state.js';
import { imageOf } from './demonstrated-game.js';

/** Holds a game that begins after some moves. */
export interface BegunGame {
  readonly basis: Basis;
  /** The moves before the opening, which has no history. */
  readonly prefix: readonly Action[];
  readonly opening: Position;
}

/** Limits the random terms that are left. With more, another sum of as many terms is seldom found and takes long (docs/notes/training-2x3x3.md). */
const MOST_RANDOM_LEFT = 6;

/**
 * Makes a game that begins inside a random image of a factorization of the rules' size. Some of its terms count as played. The game has
 * as many moves as there are terms left, or one fewer if the factorization has more terms than the move limit. The terms left are a few
 * random ones or, half of the time, all that lie within a random smaller product.
 */
export function gameInside(
  rules: GameRules,
  factorization: VerifiedFactorization,
  config: Pick<TrainingConfig, 'acting' | 'replay'>,
  random: Random,
): BegunGame {
  const { terms, basis } = imageOf(rules, factorization, config, random);
  const order = random.shuffle(terms.map((_, index) => index));
  const within = new Set(random.bernoulli(0.5) ? termsWithin(factorization, random) : []);
  const left = within.size > 1 ? within : new Set(order.slice(0, 2 + random.int(MOST_RANDOM_LEFT - 1)));
  const prefix = terms.filter((_, index) => !left.has(index));
  const { residual } = prefix.reduce(play, start(rules, targetTensor(basis)));
  const movesLeft = left.size - (factorization.rank > rules.moveLimit ? 1 : 0);
  return { basis, prefix, opening: start(rules, residual, movesLeft) };
}

/** Finds the terms within a random smaller product. It has two random indices of each dimension, or one if there are no more. */
function termsWithin(factorization: VerifiedFactorization, random: Random): number[] {
  const { n, m, p } = factorization.size;
  const choose = (length: number): Set<number> =>
    new Set(random.shuffle(Array.from({ length }, (_, index) => index)).slice(0, 2));
  const [rows, inner, columns] = [choose(n), choose(m), choose(p)];
  const isWithin = (factor: Int32Array, first: Set<number>, second: Set<number>, width: number): boolean =>
    factor.every((x, index) => x === 0 || (first.has(Math.floor(index / width)) && second.has(index % width)));
  return (termsOf(factorization) ?? []).flatMap(([u, v, w], index) =>
    isWithin(u, rows, inner, m) && isWithin(v, inner, columns, p) && isWithin(w, columns, rows, n) ? index : [],
  );
}
