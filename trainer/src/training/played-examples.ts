import type { Random } from '@alphatensor-edge/shared';
import type { Action } from '../game/action.js';
import { returnsToGo } from '../game/reward.js';
import { type GameRules, type Position, play, start } from '../game/state.js';
import type { StoredGame } from '../run/replay-file.js';
import { exampleOf, type TrainingExample } from './example.js';

// Training examples from a game that was played.

/** A random position of a played game; the policy is the search's, the value the return to go. */
export function playedExample(rules: GameRules, game: StoredGame, random: Random): TrainingExample {
  const move = random.int(game.moves.length);
  const { actions, policy } = game.searched[move];
  const value = returnsToGo(game.moves.length, game.terminal + game.bonus)[move];
  return { position: positionAfter(rules, game, game.moves.slice(0, move)), actions, policy, value };
}

/** Whether two moves of the game can change places and it still is one to imitate. */
export function isSwappable({ moves, terminal }: StoredGame): boolean {
  return moves.length > 1 && terminal === 0;
}

/**
 * A solved game of two moves or more with a random move and the last one swapped (Fawzi et al., "Data augmentation": the order
 * of the terms is free), at a random position that it did not come to itself. The search was never there, so every factor that
 * is left is an equally good move, as in a synthetic game.
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
