import type { Random, VerifiedFactorization } from '@alphatensor-edge/shared';
import type { Action } from '../game/action.js';
import { playedFactorization } from '../game/basis.js';
import type { GameRules } from '../game/state.js';
import type { StoredGame } from '../run/replay-file.js';
import type { BegunGame } from './game-inside.js';

// What a round of games is asked for, and what comes back.

/** How a game was searched: `mcts` is AlphaTensor's tree search, `beam` is not. */
export type Searcher = 'mcts' | 'beam';

/** A round of games to play. */
export interface Round {
  readonly searcher: Searcher;
  readonly games: number;
  /** Moves that a game of the configured size takes at most; default: the configured limit. */
  readonly moveLimit?: number | undefined;
  /** Further games, begun already. */
  readonly begun?: readonly BegunGame[] | undefined;
  /** Begins the games' ids. */
  readonly name: string;
  readonly random: Random;
  readonly signal?: AbortSignal | undefined;
}

/** A game of a round before its first move. */
export interface Opening extends BegunGame {
  readonly id: string;
  /** In the round. */
  readonly index: number;
}

/** A finished game. */
export interface ActedGame {
  readonly id: string;
  readonly searcher: Searcher;
  /** Whether it had begun already, `begun` of the round. */
  readonly isInside: boolean;
  readonly solved: boolean;
  /** Moves of a solved game. */
  readonly moves: number;
  /** The return r' from the opening position, the bonus included. */
  readonly return: number;
  /** The bonus of it, as it was estimated when the game ended. */
  readonly bonus: number;
  /** For the replay; a beam search has no policy to imitate and leaves none. */
  readonly stored: StoredGame | undefined;
  /** What the game ended with and what its simulations ran into, in the canonical basis, exact; the game's own first. */
  readonly found: readonly VerifiedFactorization[];
  /** Positions the network was asked for. */
  readonly evaluations: number;
  /** Of the tree search; a beam search has none. */
  readonly simulations: number;
}

/** Who plays rounds: this thread, or a pool of worker threads. */
export interface Actors {
  /**
   * Plays a round with the network's weights of this moment.
   * @throws AlphaTensorError CANCELLED after the round's signal was aborted
   */
  act(round: Round): Promise<ActedGame[]>;
  close(): Promise<void>;
}

/** Maps the moves that solved a game from its opening on back to a factorization, exactly. */
export function foundBy(rules: GameRules, { basis, prefix }: Opening, moves: readonly Action[]): VerifiedFactorization {
  return playedFactorization(rules, basis, [...prefix, ...moves]);
}
