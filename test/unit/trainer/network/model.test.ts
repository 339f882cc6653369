import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { multiplicationTensor, Random } from '../../../../shared/src/index.js';
import { type Action, makeSignCanonical } from '../../../../trainer/src/game/action.js';
import { syntheticGame } from '../../../../trainer/src/game/demonstrations.js';
import { type GameRules, isSolved, type Position, play, start } from '../../../../trainer/src/game/state.js';
import { decodeToken, encodeTokens } from '../../../../trainer/src/game/tokens.js';
import { startBackend } from '../../../../trainer/src/network/backend.js';
import { networkEvaluator } from '../../../../trainer/src/network/batcher.js';
import { Network } from '../../../../trainer/src/network/model.js';
import {
  permuteMove,
  permutePosition,
  signedPermutations,
  unpermuteMove,
} from '../../../../trainer/src/network/permutations.js';
import { actingValue, quantileLevels } from '../../../../trainer/src/network/value-head.js';
import { SEED, SMALL_NETWORK } from '../../../support/small-network.js';
import { clearingActions, nonzeros } from '../../../support/toy-evaluators.js';

// Rectangular on purpose: a mix-up of the modes cannot go unnoticed.
const RULES: GameRules = { size: { n: 2, m: 1, p: 3 }, arithmetic: 'standard', values: [-1, 0, 1], moveLimit: 8 };
const SYNTHETIC = { maxRank: 6, rankExponent: 1, zeroProbability: [0.4, 0.6] as const, sizeWeights: [1] };

let network: Network;
let positions: Position[];
let actions: Action[];

beforeAll(async () => {
  await startBackend('wasm');
  network = new Network(SMALL_NETWORK, RULES, SEED);
  // Larger weights than the initial ones make every path matter.
  const random = new Random('weights');
  network.parameters.import(
    network.parameters
      .export()
      .map((weight) => ({ ...weight, values: weight.values.map((x) => x + 0.3 * random.normal()) })),
  );
  const games = Array.from({ length: 5 }, (_, i) => syntheticGame(RULES, SYNTHETIC, SEED.split(i)));
  positions = games.map(({ position }) => position);
  actions = games.map(({ remaining }) => remaining[0]);
});

function logits(of: readonly Position[], moves: readonly Action[]): number[][][] {
  return tf.tidy(() => network.logits({ positions: of, actions: moves }).arraySync());
}

function forward(of: readonly Position[], moves: readonly Action[]): { policy: number[]; quantiles: number[][] } {
  return tf.tidy(() => {
    const { negativeLogProbabilities, quantiles } = network.forward({ positions: of, actions: moves });
    return { policy: negativeLogProbabilities.arraySync(), quantiles: quantiles.arraySync() };
  }) as unknown as { policy: number[]; quantiles: number[][] };
}

describe('the policy', () => {
  it('is causal: a token changes the logits after its place only', () => {
    const { tokens: layout } = network;
    const before = logits(positions, actions);
    for (let place = 0; place < layout.length; place++) {
      const changed = actions.map((action) => {
        const copy = action.slice();
        const token = encodeTokens(action, layout, new Int32Array(layout.length))[place];
        decodeToken((token + 1) % layout.slots[place].alphabet, place, layout, copy);
        return copy;
      });
      const after = logits(positions, changed);
      for (let row = 0; row < actions.length; row++) {
        expect(after[row].slice(0, place + 1)).toEqual(before[row].slice(0, place + 1));
        if (place + 1 < layout.length) expect(after[row][place + 1]).not.toEqual(before[row][place + 1]);
      }
    }
  });

  it('gives a sample, drawn with the key/value cache, the probability it has teacher-forced', async () => {
    const samples = 4;
    const drawn = await network.sample(positions, samples, new Random(5));
    const forced = forward(
      positions,
      drawn.flatMap((position) => position.actions),
    );
    drawn.forEach((position, state) => {
      position.logProbabilities.forEach((logProbability, k) => {
        expect(-forced.policy[state * samples + k]).toBeCloseTo(logProbability, 4);
      });
      expect([...position.quantiles]).toEqual(forced.quantiles[state]);
    });
  });

  it('draws sign-canonical moves without a zero factor, as often as their probability says', async () => {
    const samples = 2000;
    const [drawn] = await network.sample([positions[0]], samples, new Random(6));
    const counts = new Map<string, { count: number; probability: number }>();
    drawn.actions.forEach((action, k) => {
      expect(makeSignCanonical(action.slice(), RULES.size)).toEqual(action);
      const known = counts.get(action.join()) ?? { count: 0, probability: Math.exp(drawn.logProbabilities[k]) };
      known.count++;
      counts.set(action.join(), known);
    });
    for (const { count, probability } of counts.values()) {
      const deviation = Math.sqrt(samples * probability);
      expect(Math.abs(count - samples * probability)).toBeLessThan(5 * deviation + 3);
    }
  });
});

describe('the network', () => {
  it('treats each position by itself: permuting the batch permutes the output', () => {
    const order = [3, 1, 4, 0, 2];
    // Two actions a position.
    const pairs = actions.map((action, i) => [action, actions[(i + 1) % actions.length]]);
    const plain = forward(positions, pairs.flat());
    const permuted = forward(
      order.map((i) => positions[i]),
      order.flatMap((i) => pairs[i]),
    );
    order.forEach((from, to) => {
      for (const k of [0, 1]) expect(permuted.policy[2 * to + k]).toBeCloseTo(plain.policy[2 * from + k], 4);
      permuted.quantiles[to].forEach((x, i) => {
        expect(x).toBeCloseTo(plain.quantiles[from][i], 4);
      });
    });
  });

  it('sees the order of the history, the moves left and the residual', () => {
    const game = { ...positions[0], history: [actions[1], actions[2]] };
    const value = (position: Position): number[] => forward([position], [actions[0]]).quantiles[0];
    const base = value(game);
    expect(value({ ...game, history: [actions[2], actions[1]] })).not.toEqual(base);
    expect(value({ ...game, movesLeft: game.movesLeft - 1 })).not.toEqual(base);
    expect(value({ ...game, residual: multiplicationTensor(RULES.size) })).not.toEqual(base);
    // Moves further back than the history reaches are not seen.
    expect(value({ ...game, history: [actions[3], ...game.history] })).toEqual(base);
  });

  it('leaves no tensor behind', async () => {
    await network.sample(positions, 3, new Random(1));
    const before = tf.memory().numTensors;
    await network.sample(positions, 3, new Random(1));
    await network.sample(positions, 0, new Random(1));
    forward(positions, actions);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('the evaluator', () => {
  it('answers with moves of the position itself, whatever coordinates the network sees it in', async () => {
    // In the place of the network: each of its moves clears one entry of what it sees.
    const sample = vi.spyOn(network, 'sample').mockImplementation(async (seen) =>
      seen.map((position) => ({
        actions: clearingActions(position as Position),
        logProbabilities: new Float32Array(),
        quantiles: Float32Array.of(0),
      })),
    );
    const openings = [...positions, ...positions, ...positions];
    const evaluations = await networkEvaluator(network, { maxBatch: 4, valueLevel: 0 }, new Random(3))(openings, 1);
    sample.mockRestore();
    openings.forEach((position, index) => {
      const found = evaluations[index].actions;
      expect(found).toHaveLength(nonzeros(position.residual));
      expect(isSolved(found.reduce(play, position))).toBe(true);
    });
  });

  it('answers in order and in parts', async () => {
    const opening = start(RULES);
    const evaluate = networkEvaluator(network, { maxBatch: 2, valueLevel: 0 }, new Random(3));
    const evaluations = await evaluate([opening, ...positions], 4);
    expect(evaluations).toHaveLength(6);
    for (const { actions: drawn, value } of evaluations) {
      expect(drawn).toHaveLength(4);
      expect(Number.isFinite(value)).toBe(true);
      for (const action of drawn) expect(makeSignCanonical(action.slice(), RULES.size)).toEqual(action);
    }
  });

  it('sees positions in coordinates of which the first are their own, and maps moves back exactly', () => {
    const [identity, ...others] = signedPermutations(RULES.size, RULES.arithmetic, 4);
    expect(permutePosition(positions[0], identity)).toEqual(positions[0]);
    for (const permutation of others) {
      const seen = permutePosition(positions[0], permutation);
      expect(seen.residual).not.toEqual(positions[0].residual);
      const move = permuteMove(actions[0], permutation, RULES.size);
      expect(unpermuteMove(move, permutation, RULES.size)).toEqual(actions[0]);
      expect(permutePosition(play(positions[0], actions[0]), permutation)).toEqual(play(seen, move));
    }
  });

  it('acts on the mean of the quantiles above the level', () => {
    expect(quantileLevels(4)).toEqual([0.125, 0.375, 0.625, 0.875]);
    expect(actingValue(Float32Array.of(-8, -7, -6, -4), 0.75)).toBe(-4);
    expect(actingValue(Float32Array.of(-8, -7, -6, -4), 0.5)).toBe(-5);
    expect(actingValue(Float32Array.of(-8, -7, -6, -3), 0)).toBe(-6);
  });
});
