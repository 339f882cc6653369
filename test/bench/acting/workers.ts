import { performance } from 'node:perf_hooks';
import { median, Random } from '@alphatensor-edge/shared';
import { gameRules } from '@alphatensor-edge/trainer/config.js';
import { chooseActBackend } from '@alphatensor-edge/trainer/network/act-backend.js';
import { startBackend } from '@alphatensor-edge/trainer/network/backend.js';
import { Network } from '@alphatensor-edge/trainer/network/model.js';
import { ActorPool } from '@alphatensor-edge/trainer/training/actor-pool.js';
import { sum } from '../common/figures.js';
import { configFor } from '../common/networks.js';
import { tfBackend } from '../common/options.js';
import type { GamesRow } from './games-row.js';

export const url = import.meta.url;

export interface Row extends GamesRow {
  readonly workers: number;
  readonly rounds: number;
}

export interface Result {
  readonly backend: string;
  /** On one worker and on several, medians of the rounds. */
  readonly evaluationsPerSecond: readonly [one: number, several: number];
  readonly ratio: number;
  readonly rates: readonly { readonly one: number; readonly several: number; readonly ratio: number }[];
}

/** Whole games by tree search with random weights; a round is one wait for all of its games, as in training. */
export async function work({ tfBackend: name, size, network: of, games, workers, rounds }: Row): Promise<Result> {
  const config = configFor(size, of);
  const backend = await startBackend(tfBackend(name));
  const acting = chooseActBackend('tfjs', backend);
  const network = new Network(config.network, gameRules(config), new Random('weights'));
  const pools = [1, workers].map((count) => new ActorPool(network, config, acting, count));
  const rate = async (pool: ActorPool, round: number, count = games): Promise<number> => {
    const began = performance.now();
    const options = { searcher: 'mcts', games: count, name: `round-${round}`, random: new Random(round) } as const;
    const played = await pool.act(options);
    return (1000 * sum(played.map(({ evaluations }) => evaluations))) / (performance.now() - began);
  };
  // Starts the backends, not timed.
  for (const pool of pools) await rate(pool, 0, workers);
  const rates: { one: number; several: number; ratio: number }[] = [];
  for (let round = 1; round <= rounds; round++) {
    const [one, several] = [await rate(pools[0], round), await rate(pools[1], round)];
    rates.push({ one, several, ratio: several / one });
  }
  await Promise.all(pools.map((pool) => pool.close()));
  return {
    backend: backend.description,
    evaluationsPerSecond: [median(rates.map(({ one }) => one)), median(rates.map(({ several }) => several))],
    ratio: median(rates.map(({ ratio }) => ratio)),
    rates,
  };
}
