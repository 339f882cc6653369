import type { Random } from '@alphatensor-edge/shared';
import type { Action } from '../game/action.js';
import { returnsToGo } from '../game/reward.js';
import { type GameRules, type Position, play, start } from '../game/state.js';
import type { StoredGame } from '../run/replay-file.js';
import { exampleOf, type TrainingExample } from './example.js';

// These functions make training examples from a game that was played.

/** Makes an example of a random position of a played game. The policy is the search's; the value is the return to go. */
export function playedExample(rules: GameRules, game: StoredGame, random: Random): TrainingExample {
  const move = random.int(game.moves.length);
  const { actions, policy } = game.searched[move];
  const value = returnsToGo(game.moves.length, game.terminal + game.bonus)[move];
  return { position: positionAfter(rules, game, game.moves.slice(0, move)), actions, policy, value };
}

/** Tells whether `swappedExample` takes the game: it must be solved and have at least two moves. */
export function isSwappable({ moves, terminal }: StoredGame): boolean {
  return moves.length > 1 && terminal === 0;
}

/**
 * Swaps a random move of a solved game and its last one (Fawzi et al., "Data augmentation": the order of the terms is free). Makes an
 * example of a random position that the game itself did not reach. The search has no policy there, so every remaining term is an equally
 * good move, as in a synthetic game.
 */
export function swappedExample(rules: GameRules, game: StoredGame, random: Random): TrainingExample {
  const moves = [...game.moves];
  const last = moves.length - 1;
  const swapped = random.int(last);
  [moves[swapped], moves[last]] = [moves[last], moves[swapped]];
  const move = swapped + 1 + random.int(last - swapped);
  const position = positionAfter(rules, game, moves.slice(0, move));
  return exampleOf({ position, remaining: moves.slice(move) }, game.terminal + game.bonus);
}

function positionAfter(rules: GameRules, { opening, moveLimit }: StoredGame, moves: readonly Action[]): Position {
  return moves.reduce(play, start(rules, opening, moveLimit));
}
