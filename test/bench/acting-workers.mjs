// Rounds of games on one worker thread and on several, in turns; a part of bench:acting.
import { performance } from 'node:perf_hooks';
import { formatSize, Random } from '../../shared/dist/index.js';
import { gameRules } from '../../trainer/dist/config.js';
import { startBackend } from '../../trainer/dist/network/backend.js';
import { Network } from '../../trainer/dist/network/model.js';
import { ActorPool } from '../../trainer/dist/training/actor-pool.js';
import { configFor, figure } from './common.mjs';

/** Whole games by tree search with random weights; a round is one wait for all of its games, as in training. */
export async function compareWorkers({ tfBackend, size, network: name, games, workers, rounds }) {
  const config = configFor(size, name);
  const backend = await startBackend(tfBackend);
  const network = new Network(config.network, gameRules(config), new Random('weights'));
  const pools = [1, workers].map((count) => new ActorPool(network, config, backend, count));
  const rate = async (pool, round, count = games) => {
    const began = performance.now();
    const options = { searcher: 'mcts', games: count, name: `round-${round}`, random: new Random(round) };
    const played = await pool.act(network, options);
    const evaluations = played.reduce((sum, game) => sum + game.evaluations, 0);
    return (1000 * evaluations) / (performance.now() - began);
  };
  // Starts the backends, not timed.
  for (const pool of pools) await rate(pool, 0, workers);
  const rates = [];
  for (let round = 1; round <= rounds; round++) {
    const [one, several] = [await rate(pools[0], round), await rate(pools[1], round)];
    rates.push({ one, several, ratio: several / one });
  }
  await Promise.all(pools.map((pool) => pool.close()));
  const median = (of) => rates.map(of).sort((a, b) => a - b)[Math.floor(rounds / 2)];
  return {
    backend: backend.description,
    evaluationsPerSecond: [median(({ one }) => one), median(({ several }) => several)],
    ratio: median(({ ratio }) => ratio),
    rates,
  };
}

export function workersLine({ tfBackend, size, games, workers, evaluationsPerSecond: [one, several], ratio, rates }) {
  const ratios = rates.map((rate) => rate.ratio);
  const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
  return (
    `${tfBackend} ${formatSize(size)}, ${games} games: ${figure(one)} network evaluations/s on 1 worker, ${figure(several)} on ` +
    `${workers}: ${ratio.toFixed(2)} times (median of ${rates.length} rounds, ${range})`
  );
}
