import type { Random, VerifiedFactorization } from '@alphatensor-edge/shared';
import type { TrainingConfig } from '../../config.js';
import type { Action } from '../../game/action.js';
import { targetTensor } from '../../game/basis.js';
import { negated, randomActions, type SyntheticGame } from '../../game/demonstrations.js';
import { drawUnmerged } from '../../game/merging.js';
import { type GameRules, play, start } from '../../game/state.js';
import { imageOf, otherImage } from '../demonstrated-game.js';

/**
 * The terms left are ceil(rank * U^this), with U uniform in 0 … 1, so that positions near the opening are shown more often: with few terms left a
 * network soon errs no more, and random tensors teach it the same.
 */
const LEFT_EXPONENT = 0.5;
/** The most wrong moves that are to be taken back. */
const MOST_WRONG = 2;

/** Sets the wrong moves of a demonstration. */
interface WrongMoves {
  /** The chance that there are any. */
  readonly wrongMoves: number;
  /** The factorization whose terms they are, of the same size. */
  readonly another: VerifiedFactorization;
}

/**
 * Makes a game in progress from a factorization that a walk found, as `demonstratedGame` does, with three differences. Positions near the
 * opening are shown more often. Its moves left are
 * drawn between the terms that are left and the move limit, as they would give away how many terms are left. And now and then one or two
 * wrong moves have been played too, which are to be taken back, so that the value learns what a wrong move costs. They are terms of another
 * algorithm or image, which is what a policy that knows many takes for right; or random terms.
 */
export function shownGame(
  rules: GameRules,
  factorization: VerifiedFactorization,
  config: Pick<TrainingConfig, 'acting' | 'replay' | 'demonstrations'>,
  { wrongMoves, another }: WrongMoves,
  random: Random,
): SyntheticGame {
  const { terms, basis } = imageOf(rules, factorization, config, random);
  random.shuffle(terms);
  const left = Math.max(1, Math.ceil(terms.length * random.float() ** LEFT_EXPONENT));
  const played = terms.length - left;
  const kept = terms.slice(played);
  const most = Math.min(MOST_WRONG, rules.moveLimit - kept.length);
  const count = most > 0 && random.bernoulli(wrongMoves) ? 1 + random.int(most) : 0;
  const other = count > 0 ? otherImage(rules, another, config, basis, random) : undefined;
  const draw =
    other === undefined
      ? randomActions(rules, config.demonstrations.synthetic, random)
      : (): Action => other[random.int(other.length)];
  const wrong = drawUnmerged(count, draw, rules.size, kept);
  const moves = [...terms.slice(0, played), ...random.shuffle(wrong)];
  const position = moves.reduce(play, start(rules, targetTensor(basis)));
  const remaining = [...kept, ...wrong.map((action) => negated(action, rules))];
  const movesLeft = remaining.length + random.int(rules.moveLimit - remaining.length + 1);
  return { position: { ...position, movesLeft }, remaining };
}
