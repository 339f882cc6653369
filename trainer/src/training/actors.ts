import { AlphaTensorError } from '@alphatensor-edge/shared';
import type { TrainingConfig } from '../config.js';
import { type ActiveActBackend, playerOf } from '../network/act-backend.js';
import type { Network } from '../network/model.js';
import { actGames } from './actor.js';
import { ActorPool } from './actor-pool.js';
import type { Reward } from './reward.js';
import type { Actors } from './round.js';

/** Tells whether games are played on worker threads: on several, or on any while the network learns. */
export function playsOnThreads({ games, workers, play }: TrainingConfig['acting']): boolean {
  return games > 0 && (play === 'meanwhile' || Math.min(workers, games) > 1);
}

/**
 * Starts the players: `acting.workers` threads, but no more than there are games. For one, no thread is started.
 * @throws AlphaTensorError INVALID_ARGUMENT for several threads with a reward that must be estimated
 */
export function startActors(
  network: Network,
  config: TrainingConfig,
  acting: ActiveActBackend,
  reward: Reward,
): Actors {
  const workers = Math.min(config.acting.workers, config.acting.games);
  if (workers <= 1) {
    const player = playerOf(network, acting);
    return {
      act: async (round) => actGames(await player.sampler(), config, { ...round, reward }),
      close: () => player.close(),
    };
  }
  if (!reward.isPlain) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      'The latency in the reward is estimated in the main thread; set acting.workers to 1.',
      { field: 'acting.workers' },
    );
  }
  return new ActorPool(network, config, acting, workers);
}
