import { sameSize } from '@alphatensor-edge/shared';
import type { TrainingConfig } from '../config.js';
import type { BestFactorization } from '../run/replay-file.js';
import type { Searcher } from './round.js';

/** Says how the next round of games is played. */
export interface RoundPlan {
  readonly searcher: Searcher;
  /** The move limit of a game of the run's own size. */
  readonly moveLimit: number;
  /** Number of games that begin inside one of the best factorizations. */
  readonly insideGames: number;
}

/**
 * Plans a round by the lowest rank among the best factorizations of the run's own size, with demonstrations.
 * @param walked the lowest rank that the run's own walks found. If the run has no lower goal, its games aim at this rank.
 */
export function planRound(
  { size, moveLimit, acting }: TrainingConfig,
  best: readonly BestFactorization[],
  walked: number = Number.POSITIVE_INFINITY,
): RoundPlan {
  const { mode, insideGames, insideAfterGoal } = acting;
  const ranks = best.map(({ factorization }) => (sameSize(factorization.size, size) ? factorization.rank : Infinity));
  const lowest = Math.min(walked, ...ranks);
  const goalRank = walked <= moveLimit && acting.goalRank === moveLimit ? lowest : acting.goalRank;
  const isReached = lowest <= goalRank;
  return {
    searcher: mode !== 'beam-then-mcts' ? mode : isReached ? 'mcts' : 'beam',
    // One move fewer than the best rank, so that finding this again is no success, but not fewer than the goal.
    moveLimit: Math.min(moveLimit, Math.max(goalRank, lowest - 1)),
    insideGames: isReached && !insideAfterGoal ? 0 : insideGames,
  };
}
