import type { Random, VerifiedFactorization } from '@alphatensor-edge/shared';
import type { Action } from '../game/action.js';
import { playedFactorization } from '../game/basis.js';
import type { GameRules } from '../game/state.js';
import type { StoredGame } from '../run/replay-file.js';
import type { BegunGame } from './game-inside.js';

// These types describe a round of games and its result.

/** Names the search of a game: `mcts` is AlphaTensor's tree search; `beam` is not part of AlphaTensor. */
export type Searcher = 'mcts' | 'beam';

/** Describes a round of games to play. */
export interface Round {
  readonly searcher: Searcher;
  readonly games: number;
  /** The move limit of a game of the run's own size; by default that of the configuration. */
  readonly moveLimit?: number | undefined;
  /** Further games, which have already begun. */
  readonly begun?: readonly BegunGame[] | undefined;
  /** The first part of the games' ids. */
  readonly name: string;
  readonly random: Random;
  readonly signal?: AbortSignal | undefined;
}

/** Holds a game of a round before its first move. */
export interface Opening extends BegunGame {
  readonly id: string;
  /** Its place in the round. */
  readonly index: number;
}

/** Holds a finished game. */
export interface ActedGame {
  readonly id: string;
  readonly searcher: Searcher;
  /** Whether it is one of the games in `begun`. */
  readonly isInside: boolean;
  /** How it began. Undefined for a game that was played elsewhere. */
  readonly begun?: BegunGame | undefined;
  readonly solved: boolean;
  /** Number of its moves. */
  readonly moves: number;
  /** The return r' from the opening position, with the bonus. */
  readonly return: number;
  /** The bonus, as it was estimated when the game ended. */
  readonly bonus: number;
  /** What the replay keeps. Undefined for a beam search, which has no policy to imitate. */
  readonly stored: StoredGame | undefined;
  /** The factorization that the game ended with, then those that its simulations ran into, in the canonical basis. */
  readonly found: readonly VerifiedFactorization[];
  /** Number of positions that the network evaluated. */
  readonly evaluations: number;
  /** Number of simulations of the tree search; 0 for a beam search. */
  readonly simulations: number;
  /** Number of positions for which the tree search drew actions, and of those below which it never went. */
  readonly expansions: number;
  readonly wasted: number;
}

/** Plays rounds, in this thread or on worker threads. */
export interface Actors {
  /**
   * Plays a round with the network's present weights.
   * @throws AlphaTensorError CANCELLED after the round's signal was aborted
   */
  act(round: Round): Promise<ActedGame[]>;
  close(): Promise<void>;
}

/** Makes the factorization that a solved game found from its moves since the opening, and verifies it exactly. */
export function foundBy(rules: GameRules, { basis, prefix }: Opening, moves: readonly Action[]): VerifiedFactorization {
  return playedFactorization(rules, basis, [...prefix, ...moves]);
}
