import { gameRules, type TrainingConfig } from '../config.js';
import type { Action } from '../game/action.js';
import type { Sampler } from '../network/sampler.js';
import { beamSearch } from '../search/beam.js';
import { actingEvaluator, type Share } from './acting-evaluator.js';
import type { Reward } from './reward.js';
import { type ActedGame, foundBy, type Opening, type Round } from './round.js';

/** Plays the openings by beam search, one after the other. This is not part of AlphaTensor. */
export async function actByBeam(
  sampler: Sampler,
  config: TrainingConfig,
  openings: readonly Opening[],
  { random, signal, reward, share }: Pick<Round, 'random' | 'signal'> & { reward: Reward; share: Share },
): Promise<ActedGame[]> {
  const rules = gameRules(config);
  // The beam compares expected returns; only the tree search uses the risk-seeking value.
  const evaluator = actingEvaluator(sampler, config, { valueLevel: 0, random, share });
  const games: ActedGame[] = [];
  for (const game of openings) {
    const { id, index, opening } = game;
    const result = await beamSearch(opening, evaluator, config.beam, random.split(`game/${index}`), signal);
    const solutions: readonly (readonly Action[])[] = result.solutions;
    const found = solutions.map((moves) => foundBy(rules, game, moves));
    const solved = found.length > 0;
    const moves = solved ? solutions[0].length : opening.movesLeft;
    const bonus = reward.estimate(found[0]);
    games.push({
      id,
      searcher: 'beam',
      isInside: game.prefix.length > 0,
      begun: { basis: game.basis, prefix: game.prefix, opening },
      solved,
      moves,
      return: bonus - moves,
      bonus,
      stored: undefined,
      found,
      evaluations: result.expanded + result.ranked,
      simulations: 0,
      expansions: 0,
      wasted: 0,
    });
  }
  return games;
}
