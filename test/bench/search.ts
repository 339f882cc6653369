import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { formatSize, Random, realNumber } from '@alphatensor-edge/shared';
import { type GameRules, start } from '@alphatensor-edge/trainer/game/state.js';
import { searchGames } from '@alphatensor-edge/trainer/search/search.js';
import type { Bench } from './bench.js';
import { uniformEvaluator } from './common/random-moves.js';

export const bench: Bench = {
  summary: 'simulations a second of the tree search alone',
  help: `How fast the search alone is: simulations a second with an evaluator that costs next to nothing.

  --seconds S   for each size (3)
`,
  async run(args) {
    const { values } = parseArgs({ args: [...args], options: { seconds: { type: 'string', default: '3' } } });
    const seconds = realNumber('--seconds', 0, 3600)(values.seconds);
    for (const each of CASES) {
      const rate = await simulationsPerSecond(each, seconds);
      console.log(
        `${formatSize(each.size)}, K = ${SEARCH.samples}, ${each.games} games: ${Math.round(rate)} simulations/s, ` +
          `${(1e6 / rate).toFixed(0)} µs each`,
      );
    }
  },
};

interface Case extends Pick<GameRules, 'size' | 'moveLimit'> {
  readonly games: number;
}

const CASES: readonly Case[] = [
  { size: { n: 2, m: 2, p: 2 }, moveLimit: 10, games: 8 },
  { size: { n: 3, m: 3, p: 3 }, moveLimit: 30, games: 2 },
];
const SEARCH = { simulations: 200, samples: 32, rootSamples: 32 };

async function simulationsPerSecond({ size, moveLimit, games }: Case, seconds: number): Promise<number> {
  const random = new Random(1);
  const evaluator = uniformEvaluator(size, () => random.int(3) - 1, -8, random);
  const opening = start({ size, arithmetic: 'standard', values: [-1, 0, 1], moveLimit });
  const playAll = async (): Promise<number> => {
    const played = await searchGames(Array(games).fill(opening), evaluator, SEARCH, random.split(0));
    return played.reduce((sum, game) => sum + game.simulations, 0);
  };
  // Compiled code, not its compilation, is what is timed.
  await playAll();
  let simulations = 0;
  const began = performance.now();
  do simulations += await playAll();
  while (performance.now() - began < seconds * 1000);
  return simulations / ((performance.now() - began) / 1000);
}
