import { contentHash } from '@alphatensor-edge/shared';
import { gameRules, type TrainingConfig } from '../config.js';
import { terminalReward } from '../game/reward.js';
import { isSolved, type Position } from '../game/state.js';
import type { Sampler } from '../network/sampler.js';
import type { StoredGame } from '../run/replay-file.js';
import { GameSearch, type PlayedGame } from '../search/game-search.js';
import { searchOptions } from '../search/options.js';
import { runLockstep } from '../search/search.js';
import { actingEvaluator, type Share } from './acting-evaluator.js';
import type { Reward } from './reward.js';
import { type ActedGame, foundBy, type Opening, type Round } from './round.js';

/** Plays the openings by AlphaTensor's tree search, in lockstep. The reward's estimates are also used for the ends inside the trees. */
export async function actByTreeSearch(
  sampler: Sampler,
  config: TrainingConfig,
  openings: readonly Opening[],
  { random, signal, reward, share }: Pick<Round, 'random' | 'signal'> & { reward: Reward; share: Share },
): Promise<ActedGame[]> {
  const rules = gameRules(config);
  const options = searchOptions(config.search);
  const bonusOf = (opening: Opening, end: Position): number => {
    // This is called for every end in the trees, so a plain reward skips the costly mapping back.
    if (reward.isPlain) return 0;
    return reward.estimate(isSolved(end) ? foundBy(rules, opening, end.history) : undefined);
  };
  const searches = openings.map((opening) => {
    const terminalBonus = (end: Position): number => bonusOf(opening, end);
    return new GameSearch(opening.opening, { ...options, terminalBonus }, random.split(`game/${opening.index}`));
  });
  const { actingLevel } = config.network.value;
  const evaluator = actingEvaluator(sampler, config, { valueLevel: actingLevel, random, share });
  await runLockstep(searches, evaluator, signal);
  return openings.map((opening, index) => {
    const game = searches[index].result();
    const bonus = bonusOf(opening, game.final);
    const solutions = [...(game.solved ? [game.final.history] : []), ...(game.best ? [game.best.moves] : [])];
    const found = solutions.map((moves) => foundBy(rules, opening, moves));
    const stored = storedGame(opening, game, game.solved ? contentHash(found[0]) : undefined, bonus);
    return {
      id: opening.id,
      searcher: 'mcts',
      isInside: opening.prefix.length > 0,
      begun: { basis: opening.basis, prefix: opening.prefix, opening: opening.opening },
      solved: game.solved,
      moves: game.moves.length,
      return: stored.terminal + bonus - game.moves.length,
      bonus,
      stored,
      found,
      evaluations: game.evaluations,
      simulations: game.simulations,
      expansions: game.expansions,
      wasted: game.wasted,
    };
  });
}

/** Makes the part of a game that the replay keeps. */
function storedGame(
  { id, opening }: Opening,
  { final, moves, searched }: PlayedGame,
  hash: string | undefined,
  bonus: number,
): StoredGame {
  return {
    id,
    hash,
    opening: opening.residual,
    moveLimit: opening.movesLeft,
    moves,
    searched: searched.map(({ actions, policy }) => ({ actions, policy })),
    terminal: terminalReward(final),
    bonus,
  };
}
