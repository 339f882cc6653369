import { parseArgs } from 'node:util';
import { Random, strassen } from '@alphatensor-edge/shared';
import { gameRules, type TrainingConfig } from '@alphatensor-edge/trainer/config.js';
import { type SyntheticGame, syntheticGame } from '@alphatensor-edge/trainer/game/demonstrations.js';
import { isSolved, type Position, play } from '@alphatensor-edge/trainer/game/state.js';
import { startBackend } from '@alphatensor-edge/trainer/network/backend.js';
import type { Network } from '@alphatensor-edge/trainer/network/model.js';
import { actingValue } from '@alphatensor-edge/trainer/network/value-head.js';
import { loadCheckpoint } from '@alphatensor-edge/trainer/run/checkpoint.js';
import { demonstratedGame } from '@alphatensor-edge/trainer/training/demonstrated-game.js';
import type { Bench } from './bench.js';
import { mean, percent, sum } from './common/figures.js';
import { machine } from './common/machine.js';
import { trainedNetwork } from './common/networks.js';
import { count, tfBackend } from './common/options.js';
import { CHECKPOINT_222 } from './common/paths.js';

export const bench: Bench = {
  summary: 'whether the value head can rank what the search chooses between',
  help: `Can the value head rank what the tree search has to choose between? The share of pairs in the right order, 1/2 where it knows
nothing. Synthetic: two random tensors, sums of R and of R + 1 random terms. Siblings: a term of an image of Strassen's algorithm
(in a basis of training; never shown to the network), R of whose terms are left, against a move that the policy draws and that is
none of them (though it may be as good).

  --checkpoint DIR   repeatable (trainer/checkpoints/2x2x2-tiny)
  --games N          of each rank (64)
  --seed N           (1)
  --tf-backend NAME  (wasm)
  --json             one object instead of lines
`,
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        checkpoint: { type: 'string', multiple: true, default: [CHECKPOINT_222] },
        games: { type: 'string', default: '64' },
        seed: { type: 'string', default: '1' },
        'tf-backend': { type: 'string', default: 'wasm' },
      },
    });
    const draws: Draws = { games: count('--games', values.games), seed: values.seed };
    const { description } = await startBackend(tfBackend(values['tf-backend']));
    const networks: Ranked[] = [];
    for (const checkpoint of values.checkpoint) networks.push(await rank(checkpoint, draws));
    if (values.json) console.log(JSON.stringify({ machine: machine(), backend: description, networks }, null, 2));
    else for (const network of networks) console.log(linesOf(network).join('\n'));
  },
};

/** Moves drawn from the policy beside each term. */
const DRAWN = 8;

interface Draws {
  readonly games: number;
  readonly seed: string;
}

/** What the value says of positions with so many terms left, by one level of its quantiles. */
interface Order {
  /** The mean value of the easier positions. */
  readonly value: number;
  readonly synthetic: number | undefined;
  readonly siblings: number | undefined;
}

interface RankRow {
  readonly rank: number;
  readonly policyShare: number;
  readonly mean: Order;
  readonly acting: Order;
}

interface Ranked {
  readonly checkpoint: string;
  readonly step: number;
  readonly rows: readonly RankRow[];
}

async function rank(checkpoint: string, draws: Draws): Promise<Ranked> {
  const loaded = await loadCheckpoint(checkpoint);
  const { config, step } = loaded;
  const network = trainedNetwork(loaded);
  const rows: RankRow[] = [];
  for (let left = 1; left <= config.moveLimit; left++) {
    const random = new Random(`${draws.seed}/${left}`);
    const easier = synthetic(config, left, draws, random);
    const harder = left < config.moveLimit ? synthetic(config, left + 1, draws, random) : undefined;
    const { terms, drawn, policyShare } = await siblings(network, config, left, draws, random);
    const order = async (level: number): Promise<Order> => {
      const valuesOf = async (positions: readonly Position[]): Promise<number[]> => {
        if (positions.length === 0) return [];
        const sampled = await network.sample(positions, 0, new Random(draws.seed));
        return sampled.map(({ quantiles }) => actingValue(quantiles, level));
      };
      const values = await valuesOf(easier);
      return {
        value: mean(values),
        synthetic: harder && inOrder(values, await valuesOf(harder)),
        siblings: left > 1 && drawn.length > 0 ? pairedOrder(await valuesOf(terms), await valuesOf(drawn)) : undefined,
      };
    };
    rows.push({
      rank: left,
      policyShare,
      mean: await order(0),
      acting: await order(config.network.value.actingLevel),
    });
  }
  network.dispose();
  return { checkpoint, step, rows };
}

/** Positions from which R random terms are left, with as many moves to spare as in training. */
function synthetic(config: TrainingConfig, rank: number, { games }: Draws, random: Random): Position[] {
  const drawn = { ...config.demonstrations.synthetic, maxRank: rank, rankExponent: 0 };
  return Array.from({ length: games }, () => syntheticGame(gameRules(config), drawn, random).position);
}

/**
 * @returns positions after a term, for each of them `DRAWN` after moves of the policy that are no term, and how often the policy's
 *   moves are terms
 */
async function siblings(network: Network, config: TrainingConfig, rank: number, { games }: Draws, random: Random) {
  const parents: SyntheticGame[] = [];
  while (parents.length < games) {
    const game = demonstratedGame(gameRules(config), strassen(), config, random);
    if (game.remaining.length === rank) parents.push(game);
  }
  const sampled = await network.sample(
    parents.map(({ position }) => position),
    4 * DRAWN,
    random,
  );
  const others = parents.map(({ remaining }, i) =>
    sampled[i].actions.filter((action) => !remaining.some((term) => term.every((x, j) => x === action[j]))),
  );
  const policyShare = 1 - sum(others.map(({ length }) => length)) / (4 * DRAWN * games);
  const pairs = parents.flatMap((game, i) => others[i].slice(0, DRAWN).map((action) => ({ game, action })));
  return {
    policyShare,
    terms: pairs.map(({ game }) => play(game.position, game.remaining[0])),
    drawn: pairs.map(({ game, action }) => play(game.position, action)).filter((position) => !isSolved(position)),
  };
}

/** How often a value of the one is above one of the other. */
function inOrder(higher: readonly number[], lower: readonly number[]): number {
  return mean(higher.map((x) => mean(lower.map((y) => (x > y ? 1 : 0)))));
}

function pairedOrder(higher: readonly number[], lower: readonly number[]): number {
  return mean(higher.map((x, i) => (x > lower[i] ? 1 : 0)));
}

function linesOf({ checkpoint, step, rows }: Ranked): string[] {
  const pair = (mean: number | undefined, acting: number | undefined): string =>
    mean === undefined || acting === undefined ? '-' : `${percent(mean)} (${percent(acting)})`;
  return [
    `${checkpoint}, step ${step}: value by the mean (by the quantiles above the acting level)`,
    ...rows.map(
      ({ rank: left, policyShare, mean: byMean, acting }) =>
        `  rank ${left}: value ${byMean.value.toFixed(2)} (${acting.value.toFixed(2)}), above rank ${left + 1} in ` +
        `${pair(byMean.synthetic, acting.synthetic)}; a term above a move of the policy in ` +
        `${pair(byMean.siblings, acting.siblings)}; ${percent(policyShare)} of the policy's moves are terms`,
    ),
  ];
}
