// How fast the search alone is: simulations a second with an evaluator that costs next to nothing.
// Run after `npm run build`: node test/bench/search.mjs
import { performance } from 'node:perf_hooks';
import { modeLengths, Random } from '../../shared/dist/index.js';
import { makeSignCanonical } from '../../trainer/dist/game/action.js';
import { start } from '../../trainer/dist/game/state.js';
import { searchGames } from '../../trainer/dist/search/search.js';

const SECONDS = 3;
const cases = [
  { size: { n: 2, m: 2, p: 2 }, moveLimit: 10, games: 8 },
  { size: { n: 3, m: 3, p: 3 }, moveLimit: 30, games: 2 },
];

/** Moves drawn ahead, so that drawing them is not what is timed. */
function uniformEvaluator(size, random) {
  const length = modeLengths(size).reduce((sum, entries) => sum + entries);
  const pool = Array.from({ length: 4096 }, () => {
    const action = Int8Array.from({ length }, () => random.int(3) - 1);
    let base = 0;
    for (const entries of modeLengths(size)) {
      action[base + random.int(entries)] = 1;
      base += entries;
    }
    return makeSignCanonical(action, size);
  });
  return async (positions, samples) =>
    positions.map(() => ({
      actions: Array.from({ length: samples }, () => pool[random.int(pool.length)]),
      value: -8 - random.float(),
    }));
}

for (const { size, moveLimit, games } of cases) {
  const random = new Random(1);
  const evaluator = uniformEvaluator(size, random);
  const rules = { size, arithmetic: 'standard', values: [-1, 0, 1], moveLimit };
  const options = { simulations: 200, samples: 32, rootSamples: 32 };
  const run = async () => {
    const played = await searchGames(Array(games).fill(start(rules)), evaluator, options, random.split(0));
    return played.reduce((sum, game) => sum + game.simulations, 0);
  };
  await run();
  let simulations = 0;
  const began = performance.now();
  while (performance.now() - began < SECONDS * 1000) simulations += await run();
  const rate = simulations / ((performance.now() - began) / 1000);
  console.log(
    `<${size.n},${size.m},${size.p}>, K = 32, ${games} games: ${Math.round(rate)} simulations/s, ${(1e6 / rate).toFixed(0)} µs each`,
  );
}
