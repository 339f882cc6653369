import { modeLengths, type Random } from '@alphatensor-edge/shared';
import { type Action, makeSignCanonical } from './action.js';
import { drawUnmerged } from './merging.js';
import { type GameRules, type Position, subtractTerm } from './state.js';

/** Sets how random tensors with a known factorization are drawn. */
export interface SyntheticOptions {
  /** The number of remaining terms is ceil(maxRank * U^rankExponent), with U uniform in 0 … 1. An exponent below 1 favours many terms. */
  readonly maxRank: number;
  readonly rankExponent: number;
  /** The interval of the probability of a zero entry, which is drawn uniformly from it, once a game. */
  readonly zeroProbability: readonly [number, number];
  /** The probability weight of each absolute value 1, 2, … of a nonzero entry. Values outside the alphabet are left out. */
  readonly sizeWeights: readonly number[];
}

/** Holds a game whose factorization is known: its position is the sum of the terms `remaining`, which are in no particular order. */
export interface SyntheticGame {
  readonly position: Position;
  readonly remaining: readonly Action[];
}

/**
 * Makes a random position together with its solution (Fawzi et al., Nature 610 (2022), "Synthetic demonstrations"). The position is
 * the sum of random terms, of which no two merge into one. Some more random terms count as played before; they give the history and
 * the moves left.
 */
export function syntheticGame(rules: GameRules, options: SyntheticOptions, random: Random): SyntheticGame {
  const limit = Math.min(options.maxRank, rules.moveLimit);
  const rank = Math.max(1, Math.ceil(limit * random.float() ** options.rankExponent));
  const draw = randomActions(rules, options, random);
  return gameOf(rules, drawUnmerged(rank, draw, rules.size), draw, random);
}

/** Makes the function that draws the random moves of one game. All its moves have the same probability of a zero entry. */
export function randomActions(
  rules: GameRules,
  { zeroProbability: [low, high], sizeWeights }: Pick<SyntheticOptions, 'zeroProbability' | 'sizeWeights'>,
  random: Random,
): () => Action {
  const zeroProbability = low + (high - low) * random.float();
  const weights = rules.values.map((value) => (value === 0 ? 0 : (sizeWeights[Math.abs(value) - 1] ?? 0)));
  return () => randomAction(rules, zeroProbability, weights, random);
}

/** Makes the game whose position is the sum of `remaining`. A random number of moves from `draw`, within the move limit, come before. */
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

/** Draws a random sign-canonical move. A factor that comes out zero is drawn again. */
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

/** Gives the move that takes the move back: w is negated, so that subtracting it adds the term. Modulo 2 it is the move itself. */
export function negated(action: Action, rules: GameRules): Action {
  const result = action.slice();
  if (rules.arithmetic === 'modulo-2') return result;
  const [lengthU, lengthV] = modeLengths(rules.size);
  for (let i = lengthU + lengthV; i < result.length; i++) result[i] = -result[i];
  return result;
}
