import { sameSize } from '@alphatensor-edge/shared';
import { gameRules, type TrainingConfig } from '../config.js';
import { randomBasis, targetTensor } from '../game/basis.js';
import { moveLimitOf, start } from '../game/state.js';
import type { Sampler } from '../network/sampler.js';
import type { Share } from './acting-evaluator.js';
import { actByBeam } from './beam-actor.js';
import type { BegunGame } from './game-inside.js';
import { PLAIN_REWARD, type Reward } from './reward.js';
import type { ActedGame, Opening, Round } from './round.js';
import { actByTreeSearch } from './tree-search-actor.js';

/** Sets which games are played and how. */
interface ActOptions extends Round {
  /** By default it adds nothing. */
  readonly reward?: Reward | undefined;
  /** The games to play; by default all. They are played as in the whole round, apart from the network's random samples. */
  readonly share?: Share | undefined;
}

/**
 * Plays games from the target in random bases and maps what they found back. If the run has further sizes, the games take them in turn.
 * @throws AlphaTensorError CANCELLED if `signal` was aborted
 */
export async function actGames(
  sampler: Sampler,
  config: TrainingConfig,
  { reward = PLAIN_REWARD, share = { worker: 0, workers: 1 }, ...round }: ActOptions,
): Promise<ActedGame[]> {
  const openings = openingsOf(config, round).filter(({ index }) => index % share.workers === share.worker);
  const act = round.searcher === 'mcts' ? actByTreeSearch : actByBeam;
  return act(sampler, config, openings, { ...round, reward, share });
}

/** Makes the openings of a round, each in a basis of its own. Games that have already begun come last. */
function openingsOf(config: TrainingConfig, { games, begun = [], ...round }: Round): Opening[] {
  const whole = Array.from({ length: games }, (_, index) => wholeGame(config, index, round));
  return [...whole, ...begun].map((game, index) => ({ id: `${round.name}-${index}`, index, ...game }));
}

/** Begins game number `index` at the target in a random basis. With further sizes the games take them in turn. */
export function wholeGame(
  config: TrainingConfig,
  index: number,
  { moveLimit = config.moveLimit, random }: Pick<Round, 'moveLimit' | 'random'>,
): BegunGame {
  const { size, alsoSizes, arithmetic, acting } = config;
  const rules = gameRules(config);
  const targets = [size, ...alsoSizes];
  const target = targets[index % targets.length];
  const basis = randomBasis(size, arithmetic, random, acting.basis, target);
  const opening = start(rules, targetTensor(basis), sameSize(target, size) ? moveLimit : moveLimitOf(rules, target));
  return { basis, prefix: [], opening };
}
