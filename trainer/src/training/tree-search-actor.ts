import { contentHash, type Random } from '@alphatensor-edge/shared';
import { gameRules, type TrainingConfig } from '../config.js';
import { terminalReward } from '../game/reward.js';
import { type GameRules, isSolved, type Position } from '../game/state.js';
import type { Sampler } from '../network/sampler.js';
import type { StoredGame } from '../run/replay-file.js';
import type { Evaluator } from '../search/evaluator.js';
import { GameSearch, type PlayedGame } from '../search/game-search.js';
import { searchOptions } from '../search/options.js';
import { runLockstep } from '../search/search.js';
import { actingEvaluator, type Share } from './acting-evaluator.js';
import type { Reward } from './reward.js';
import { type ActedGame, foundBy, type Opening, type Round } from './round.js';

/** Holds a game of the tree search, step by step. */
export interface TreeGame {
  readonly search: GameSearch;
  /** Gives the game, once its search is over. */
  end(): ActedGame;
}

/** Plays the openings by AlphaTensor's tree search, in lockstep. */
export async function actByTreeSearch(
  sampler: Sampler,
  config: TrainingConfig,
  openings: readonly Opening[],
  { random, signal, reward, share }: Pick<Round, 'random' | 'signal'> & { reward: Reward; share: Share },
): Promise<ActedGame[]> {
  const games = openings.map((opening) =>
    beginTreeGame(config, opening, { reward, random: random.split(`game/${opening.index}`) }),
  );
  const searches = games.map(({ search }) => search);
  await runLockstep(searches, treeSearchEvaluator(sampler, config, { random, share }), signal);
  return games.map((game) => game.end());
}

/** Makes the evaluator of the tree search, which takes the risk-seeking value. */
export function treeSearchEvaluator(
  sampler: Sampler,
  config: TrainingConfig,
  { random, share }: { readonly random: Random; readonly share: Share },
): Evaluator {
  return actingEvaluator(sampler, config, { valueLevel: config.network.value.actingLevel, random, share });
}

/** Begins a game of the tree search. The reward's estimates are also used for the ends inside the tree. */
export function beginTreeGame(
  config: TrainingConfig,
  opening: Opening,
  { reward, random }: { readonly reward: Reward; readonly random: Random },
): TreeGame {
  const rules = gameRules(config);
  const terminalBonus = (end: Position): number => {
    // This is called for every end in the tree, so a plain reward skips the costly mapping back.
    if (reward.isPlain) return 0;
    return reward.estimate(isSolved(end) ? foundBy(rules, opening, end.history) : undefined);
  };
  const search = new GameSearch(opening.opening, { ...searchOptions(config.search), terminalBonus }, random);
  return { search, end: () => actedGame(rules, opening, search.result(), terminalBonus) };
}

function actedGame(
  rules: GameRules,
  opening: Opening,
  game: PlayedGame,
  bonusOf: (end: Position) => number,
): ActedGame {
  const bonus = bonusOf(game.final);
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
