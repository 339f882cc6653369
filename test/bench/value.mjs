// Can the value head rank what the tree search has to choose between? Share of pairs in the right order, 1/2 where it knows nothing.
//   npm run bench:value -- [--checkpoint DIR]… [--games 64] [--seed 1] [--json] [--tf-backend wasm]
// Synthetic: two random tensors, sums of R and of R + 1 random terms. Siblings: a term of an image of Strassen's algorithm (in a basis of
// training; never shown to the network), R of whose terms are left, against a move that the policy draws and that is none of them
// (though it may be as good).
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Random, strassen } from '../../shared/dist/index.js';
import { gameRules } from '../../trainer/dist/config.js';
import { syntheticGame } from '../../trainer/dist/game/demonstrations.js';
import { isSolved, play } from '../../trainer/dist/game/state.js';
import { startBackend } from '../../trainer/dist/network/backend.js';
import { Network } from '../../trainer/dist/network/model.js';
import { actingValue } from '../../trainer/dist/network/value-head.js';
import { loadCheckpoint } from '../../trainer/dist/run/checkpoint.js';
import { demonstratedGame } from '../../trainer/dist/training/demonstrated-game.js';
import { machine, percent } from './common.mjs';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    checkpoint: {
      type: 'string',
      multiple: true,
      default: [fileURLToPath(new URL('../../trainer/checkpoints/2x2x2-tiny', import.meta.url))],
    },
    games: { type: 'string', default: '64' },
    seed: { type: 'string', default: '1' },
    'tf-backend': { type: 'string', default: 'wasm' },
  },
});
const games = Number(options.games);
/** Moves drawn from the policy beside each term. */
const DRAWN = 8;

const { description } = await startBackend(options['tf-backend']);
const networks = [];
for (const checkpoint of options.checkpoint) networks.push(await measure(checkpoint));
if (options.json) console.log(JSON.stringify({ machine: machine(), backend: description, networks }, null, 2));
else for (const network of networks) printNetwork(network);

async function measure(checkpoint) {
  const { config, weights, step } = await loadCheckpoint(checkpoint);
  const network = new Network(config.network, gameRules(config), new Random('replaced'));
  network.parameters.import(weights);
  const levels = { mean: 0, acting: config.network.value.actingLevel };
  const valuesOf = async (positions, level) =>
    (await network.sample(positions, 0, new Random(options.seed))).map(({ quantiles }) =>
      actingValue(quantiles, level),
    );
  const rows = [];
  for (let rank = 1; rank <= config.moveLimit; rank++) {
    const random = new Random(`${options.seed}/${rank}`);
    const easier = synthetic(config, rank, random);
    const harder = rank < config.moveLimit ? synthetic(config, rank + 1, random) : undefined;
    const { terms, drawn, share } = await siblings(network, config, rank, random);
    const row = { rank, policyShare: share };
    for (const [name, level] of Object.entries(levels)) {
      const values = await valuesOf(easier, level);
      row[name] = { value: values.reduce((x, y) => x + y) / games };
      if (harder) row[name].synthetic = inOrder(values, await valuesOf(harder, level));
      if (rank > 1) row[name].siblings = pairedOrder(await valuesOf(terms, level), await valuesOf(drawn, level));
    }
    rows.push(row);
  }
  network.dispose();
  return { checkpoint, step, rows };
}

/** Positions from which R random terms are left, with as many moves to spare as in training. */
function synthetic(config, rank, random) {
  const drawn = { ...config.demonstrations.synthetic, maxRank: rank, rankExponent: 0 };
  return Array.from({ length: games }, () => syntheticGame(gameRules(config), drawn, random).position);
}

/**
 * @returns positions after a term, for each of them `DRAWN` after moves of the policy that are no term, and how often the policy's
 *   moves are terms
 */
async function siblings(network, config, rank, random) {
  const parents = [];
  while (parents.length < games) {
    const game = demonstratedGame(gameRules(config), strassen(), config, random);
    if (game.remaining.length === rank) parents.push(game);
  }
  const sampled = await network.sample(
    parents.map(({ position }) => position),
    4 * DRAWN,
    random,
  );
  const isTerm = (game, action) => game.remaining.some((term) => term.every((x, i) => x === action[i]));
  const others = parents.map((game, i) => sampled[i].actions.filter((action) => !isTerm(game, action)).slice(0, DRAWN));
  const share =
    1 - sum(parents.map((game, i) => sampled[i].actions.filter((a) => !isTerm(game, a)).length)) / (4 * DRAWN * games);
  const pairs = parents.flatMap((game, i) => others[i].map((action) => ({ game, action })));
  return {
    share,
    terms: pairs.map(({ game }) => play(game.position, game.remaining[0])),
    drawn: pairs.map(({ game, action }) => play(game.position, action)).filter((position) => !isSolved(position)),
  };
}

/** How often a value of the one is above one of the other. */
function inOrder(higher, lower) {
  return sum(higher.map((x) => sum(lower.map((y) => (x > y ? 1 : 0))))) / (higher.length * lower.length);
}

function pairedOrder(higher, lower) {
  return sum(higher.map((x, i) => (x > lower[i] ? 1 : 0))) / higher.length;
}

function sum(values) {
  return values.reduce((x, y) => x + y, 0);
}

function printNetwork({ checkpoint, step, rows }) {
  console.log(`${checkpoint}, step ${step}: value by the mean (by the quantiles above the acting level)`);
  for (const { rank, policyShare, mean, acting } of rows) {
    const pair = (name) => (mean[name] === undefined ? '-' : `${percent(mean[name])} (${percent(acting[name])})`);
    console.log(
      `  rank ${rank}: value ${mean.value.toFixed(2)} (${acting.value.toFixed(2)}), above rank ${rank + 1} in ${pair('synthetic')}; a term above a ` +
        `move of the policy in ${pair('siblings')}; ${percent(policyShare)} of the policy's moves are terms`,
    );
  }
}
