import { type Size, sameSize } from '@alphatensor-edge/shared';
import type { MetricsLine } from '../run/metrics.js';
import type { BestFactorization } from '../run/replay-file.js';
import type { ActedGame } from './round.js';

/**
 * Makes the metrics of a round of games.
 * @param seconds the time that it took
 * @param size the run's own size, to which `roundRank` belongs
 */
export function roundMetrics(games: readonly ActedGame[], seconds: number, size: Size): MetricsLine {
  const total = (of: (game: ActedGame) => number): number => games.reduce((sum, game) => sum + of(game), 0);
  const solved = games.filter((game) => game.solved);
  const ranks = solved.flatMap(({ found: [found] }) => (sameSize(found.size, size) ? [found.rank] : []));
  const isTreeSearch = games[0].searcher === 'mcts';
  return {
    games: games.length,
    gamesPerSecond: games.length / seconds,
    solved: solved.length,
    meanReturn: total((game) => game.return - game.bonus) / games.length,
    meanReward: total((game) => game.return) / games.length,
    evaluations: total((game) => game.evaluations),
    evaluationsPerSecond: total((game) => game.evaluations) / seconds,
    ...(isTreeSearch && {
      simulationsPerSecond: total((game) => game.simulations) / seconds,
      wastedSamples: total((game) => game.wasted) / total((game) => game.expansions),
    }),
    treeSearch: isTreeSearch ? 1 : 0,
    ...(ranks.length > 0 && { roundRank: Math.min(...ranks) }),
  };
}

/** Gives the best rank of each kept size other than the run's own, as `bestRank.2x2x2`. */
export function bestRanksOfOthers(best: readonly BestFactorization[], own: Size): MetricsLine {
  const ranks: Record<string, number> = {};
  for (const { factorization } of best) {
    const { size, rank } = factorization;
    if (sameSize(size, own)) continue;
    const name = `bestRank.${size.n}x${size.m}x${size.p}`;
    ranks[name] = Math.min(ranks[name] ?? rank, rank);
  }
  return ranks;
}
