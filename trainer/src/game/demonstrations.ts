import { modeLengths, type Random } from '@alphatensor-edge/shared';
import { type Action, makeSignCanonical } from './action.js';
import { type GameRules, type Position, subtractTerm } from './state.js';

/** How random tensors of known factorization are drawn. */
export interface SyntheticOptions {
  /** The number of remaining factors is ceil(maxRank * U^rankExponent), U uniform; an exponent below 1 favours many. */
  readonly maxRank: number;
  readonly rankExponent: number;
  /** The probability of a zero entry is drawn uniformly from this interval, once a game. */
  readonly zeroProbability: readonly [number, number];
  /** Of a nonzero entry, the probability weight of each size 1, 2, …; sizes that are not in the alphabet are left out. */
  readonly sizeWeights: readonly number[];
}

/** A game whose factorization is known by construction: the position is the sum of `remaining`, in no particular order. */
export interface SyntheticGame {
  readonly position: Position;
  readonly remaining: readonly Action[];
}

/**
 * A random tensor as a position with its solution (Fawzi et al., "Synthetic demonstrations"): random factors are
 * summed; some more of them were "played" before, which fixes the history and the moves left.
 */
export function syntheticGame(rules: GameRules, options: SyntheticOptions, random: Random): SyntheticGame {
  const limit = Math.min(options.maxRank, rules.moveLimit);
  const rank = Math.max(1, Math.ceil(limit * random.float() ** options.rankExponent));
  const draw = randomActions(rules, options, random);
  return gameOf(rules, Array.from({ length: rank }, draw), draw, random);
}

/** What draws random moves of one game: the probability of a zero entry is the same for all of them. */
export function randomActions(
  rules: GameRules,
  { zeroProbability: [low, high], sizeWeights }: Pick<SyntheticOptions, 'zeroProbability' | 'sizeWeights'>,
  random: Random,
): () => Action {
  const zeroProbability = low + (high - low) * random.float();
  const weights = rules.values.map((value) => (value === 0 ? 0 : (sizeWeights[Math.abs(value) - 1] ?? 0)));
  return () => randomAction(rules, zeroProbability, weights, random);
}

/** The game whose position is the sum of `remaining`, after as many moves from `draw` as chance wants and the move limit allows. */
export function gameOf(
  rules: GameRules,
  remaining: readonly Action[],
  draw: () => Action,
  random: Random,
): SyntheticGame {
  const history = Array.from({ length: random.int(rules.moveLimit - remaining.length + 1) }, draw);
  const residual = new Int8Array(modeLengths(rules.size).reduce((x, y) => x * y));
  for (const action of remaining) subtractTerm(residual, negated(action, rules), rules);
  return { position: { rules, residual, history, movesLeft: rules.moveLimit - history.length }, remaining };
}

/** A random sign-canonical move; factors that come out zero are drawn again. */
export function randomAction(
  rules: GameRules,
  zeroProbability: number,
  weights: readonly number[],
  random: Random,
): Action {
  const lengths = modeLengths(rules.size);
  const action = new Int8Array(lengths[0] + lengths[1] + lengths[2]);
  let start = 0;
  for (const length of lengths) {
    const factor = action.subarray(start, start + length);
    do {
      for (let i = 0; i < length; i++) {
        factor[i] = random.bernoulli(zeroProbability) ? 0 : rules.values[random.categorical(weights)];
      }
    } while (factor.every((x) => x === 0));
    start += length;
  }
  return makeSignCanonical(action, rules.size);
}

/** The move with w negated, so that subtracting it adds the term. */
function negated(action: Action, rules: GameRules): Action {
  const result = action.slice();
  const [lengthU, lengthV] = modeLengths(rules.size);
  for (let i = lengthU + lengthV; i < result.length; i++) result[i] = -result[i];
  return result;
}
