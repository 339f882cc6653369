import { modeLengths } from '@alphatensor-edge/shared';
import type { TrainingConfig } from '../config.js';
import { gameRules } from '../config.js';
import { type Action, factorsOf } from '../game/action.js';
import type { GameRules } from '../game/state.js';
import type { StoredGame } from '../run/replay-file.js';
import type { GameMessage } from './game-message.js';
import { RefusedGame } from './refusal.js';

/** The most that the probabilities of a policy may sum to beside 1, as they travel in 32 bits. */
const SUM_TOLERANCE = 1e-3;

/**
 * Reads moves from their bytes: entries of the move alphabet, no factor zero. Moves of a search have their first nonzero entries of u and
 * v positive, as the network writes them.
 * @throws RefusedGame `wrong`
 */
export function readMoves(bytes: Uint8Array, rules: GameRules, signs: 'anySigns' | 'canonicalSigns'): Action[] {
  const length = modeLengths(rules.size).reduce((sum, each) => sum + each, 0);
  if (bytes.length % length !== 0) throw new RefusedGame('wrong', `${bytes.length} bytes are no whole moves.`);
  const alphabet = new Set(rules.values);
  const entries = Int8Array.from(bytes, (byte) => (byte << 24) >> 24);
  if (!entries.every((entry) => alphabet.has(entry))) {
    throw new RefusedGame('wrong', `An entry of a move is none of ${rules.values.join(', ')}.`);
  }
  const moves = Array.from({ length: entries.length / length }, (_, index) =>
    entries.slice(index * length, (index + 1) * length),
  );
  for (const move of moves) checkFactors(move, rules, signs);
  return moves;
}

function checkFactors(move: Action, rules: GameRules, signs: 'anySigns' | 'canonicalSigns'): void {
  const firsts = factorsOf(move, rules.size).map((factor) => factor.find((x) => x !== 0));
  if (firsts.includes(undefined)) throw new RefusedGame('wrong', 'A factor of a move is zero.');
  const [u, v] = firsts as number[];
  if (signs === 'canonicalSigns' && (u < 0 || v < 0)) {
    throw new RefusedGame('wrong', 'A move is not written with the signs that the network gives.');
  }
}

/**
 * Reads what the search found out before each move: distinct moves, the one that was played among them, and a policy over them, which
 * is made to sum to 1.
 * @throws RefusedGame `wrong`, or `policy` if the probabilities are none
 */
export function readSearched(
  searched: GameMessage['searched'],
  moves: readonly Action[],
  config: TrainingConfig,
): StoredGame['searched'] {
  if (searched.length !== moves.length) {
    throw new RefusedGame('wrong', `It has ${searched.length} policies for ${moves.length} moves.`);
  }
  const rules = gameRules(config);
  const most = Math.max(config.search.samples, config.search.rootSamples);
  return searched.map(({ actions: bytes, policy: given }, index) => {
    const actions = readMoves(bytes, rules, 'canonicalSigns');
    if (actions.length === 0 || actions.length > most) {
      throw new RefusedGame('wrong', `A policy has ${actions.length} moves; ${most} is the most.`);
    }
    const texts = new Set(actions.map((action) => action.join()));
    if (texts.size !== actions.length) throw new RefusedGame('wrong', 'A policy has a move twice.');
    if (!texts.has(moves[index].join())) throw new RefusedGame('wrong', 'A move was played that was not searched.');
    return { actions, policy: readPolicy(given, actions.length) };
  });
}

function readPolicy(given: readonly number[], length: number): Float64Array {
  const sum = given.reduce((left, right) => left + right, 0);
  // Comparisons with NaN are false.
  if (given.length !== length || !given.every((x) => x >= 0) || !(Math.abs(sum - 1) <= SUM_TOLERANCE)) {
    throw new RefusedGame('policy', `A policy over ${length} moves has ${given.length} parts that sum to ${sum}.`);
  }
  return Float64Array.from(given, (x) => x / sum);
}
