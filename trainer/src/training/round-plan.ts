import { sameSize } from '@alphatensor-edge/shared';
import type { TrainingConfig } from '../config.js';
import type { BestFactorization } from '../run/replay-file.js';
import type { Searcher } from './round.js';

/** How the next round of games is played. */
export interface RoundPlan {
  readonly searcher: Searcher;
  /** Moves that a game of the run's own size takes at most. */
  readonly moveLimit: number;
  /** Games that begin inside one of the best. */
  readonly insideGames: number;
}

/** Plans a round by the lowest rank of the run's own size among the best, demonstrations included. */
export function planRound({ size, moveLimit, acting }: TrainingConfig, best: readonly BestFactorization[]): RoundPlan {
  const { mode, goalRank, insideGames } = acting;
  const ranks = best.map(({ factorization }) => (sameSize(factorization.size, size) ? factorization.rank : Infinity));
  const lowest = Math.min(Infinity, ...ranks);
  const isReached = lowest <= goalRank;
  return {
    searcher: mode !== 'beam-then-mcts' ? mode : isReached ? 'mcts' : 'beam',
    // One below the best, so that a game that finds it again is no success; never below the goal.
    moveLimit: Math.min(moveLimit, Math.max(goalRank, lowest - 1)),
    insideGames: isReached ? 0 : insideGames,
  };
}
