import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random, type Size } from '../../../../../shared/src/index.js';
import { gameRules, type TrainingConfig } from '../../../../../trainer/src/config.js';
import { makeSignCanonical } from '../../../../../trainer/src/game/action.js';
import { syntheticGame } from '../../../../../trainer/src/game/demonstrations.js';
import { paddedTensor } from '../../../../../trainer/src/game/padding.js';
import { type GameArithmetic, type GameRules, type Position, start } from '../../../../../trainer/src/game/state.js';
import { decodeTokens, encodeTokens } from '../../../../../trainer/src/game/tokens.js';
import { startBackend } from '../../../../../trainer/src/network/backend.js';
import { Network } from '../../../../../trainer/src/network/model.js';
import type { NetworkConfig } from '../../../../../trainer/src/network/network-config.js';
import { GraphSampler } from '../../../../../trainer/src/network/onnx/graph-sampler.js';
import { loadRuntime, type Runtime } from '../../../../../trainer/src/network/onnx/runtime.js';
import type { StoredWeight } from '../../../../../trainer/src/network/parameters.js';
import type { Sampler } from '../../../../../trainer/src/network/sampler.js';
import { presetForSize } from '../../../../../trainer/src/presets.js';
import { onnxRuntime } from '../../../../support/onnx-runtime.js';
import { SEED, SMALL_NETWORK } from '../../../../support/small-network.js';

beforeAll(async () => {
  await startBackend('wasm');
});

interface Case {
  readonly name: string;
  readonly config: NetworkConfig;
  readonly rules: GameRules;
  /** A smaller size whose target is among the positions, padded. */
  readonly padded?: Size;
}

function rulesOf(size: Size, arithmetic: GameArithmetic, values: number[]): GameRules {
  return { size, arithmetic, values, moveLimit: 8 };
}

function preset(config: TrainingConfig): Pick<Case, 'config' | 'rules'> {
  return { config: config.network, rules: gameRules(config) };
}

const CASES: readonly Case[] = [
  {
    name: 'a network with every part, rectangular',
    config: SMALL_NETWORK,
    rules: rulesOf({ n: 2, m: 1, p: 3 }, 'standard', [-1, 0, 1]),
  },
  {
    name: 'one that pools, without rank features, history, blocks and cross-attention, modulo 2',
    config: {
      ...SMALL_NETWORK,
      historyLength: 0,
      probeNonzeros: 0,
      torso: { ...SMALL_NETWORK.torso, blocks: 0 },
      summary: { pooling: 'mean', width: 16, blocks: 0 },
      policy: { ...SMALL_NETWORK.policy, blocks: 1, heads: 1, crossAttention: false },
    },
    rules: rulesOf({ n: 1, m: 2, p: 2 }, 'modulo-2', [0, 1]),
  },
  {
    name: 'one that sees a smaller size, padded, and five values',
    config: { ...SMALL_NETWORK, entriesPerToken: 2 },
    rules: rulesOf({ n: 2, m: 1, p: 2 }, 'standard', [-2, -1, 0, 1, 2]),
    padded: { n: 1, m: 1, p: 2 },
  },
  { name: 'the preset tiny', ...preset(presetForSize('tiny', { n: 2, m: 2, p: 2 })) },
];

function positionsOf({ rules, padded }: Case): Position[] {
  const options = { maxRank: 5, rankExponent: 1, zeroProbability: [0.3, 0.6] as const, sizeWeights: [1] };
  const games = Array.from({ length: 4 }, (_, i) => syntheticGame(rules, options, SEED.split(i)).position);
  return padded === undefined ? games : [...games, start(rules, paddedTensor(padded, rules.size))];
}

/** Larger weights than the initial ones make every path matter. */
function shaken(network: Network): readonly StoredWeight[] {
  const random = new Random('weights');
  const weights = network.parameters.export().map((weight) => ({
    ...weight,
    values: weight.values.map((x) => x + 0.1 * random.normal()),
  }));
  network.parameters.import(weights);
  return weights;
}

/** Expects numbers to be equal but for rounding: to 1e-5, relatively where they are above 1. */
function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual).toHaveLength(expected.length);
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    worst = Math.max(worst, Math.abs(actual[i] - expected[i]) / Math.max(1, Math.abs(expected[i])));
  }
  expect(worst).toBeLessThan(1e-5);
}

describe.skipIf(typeof onnxRuntime === 'string')('the graph', () => {
  const runtime = onnxRuntime as Runtime;

  it.each(CASES)('of $name has the logits, values and samples of TensorFlow.js', async (each) => {
    const network = new Network(each.config, each.rules, SEED);
    const sampler = new GraphSampler(runtime, network.layout, shaken(network));
    const positions = positionsOf(each);
    const samples = 3;
    const [expected, drawn, values] = [
      await network.sample(positions, samples, new Random(7)),
      await sampler.sample(positions, samples, new Random(7)),
      await sampler.sample(positions, 0, new Random(7)),
    ];
    expected.forEach(({ actions, quantiles }, index) => {
      expect(drawn[index].actions.map((action) => [...action])).toEqual(actions.map((action) => [...action]));
      expectClose(drawn[index].quantiles, quantiles);
      expectClose(values[index].quantiles, quantiles);
      expect(values[index].actions).toEqual([]);
    });

    const { length, vocabulary } = network.tokens;
    const logits = await sampler.logits(positions, samples, new Random(7));
    const actions = drawn.flatMap((position) => position.actions);
    const forced = tf.tidy(() => network.logits({ positions, actions }).dataSync());
    logits.forEach((ofToken, token) => {
      for (let row = 0; row < actions.length; row++) {
        // All samples of a position share its first token's logits.
        const source = token === 0 ? Math.floor(row / samples) : row;
        const start = (row * length + token) * vocabulary;
        expectClose(
          ofToken.subarray(source * vocabulary, (source + 1) * vocabulary),
          forced.subarray(start, start + vocabulary),
        );
      }
    });
    await sampler.release();
    network.dispose();
  });

  it('takes the weights that it is given later', async () => {
    const [{ config, rules }] = CASES;
    const network = new Network(config, rules, SEED);
    const sampler = new GraphSampler(runtime, network.layout, network.parameters.export());
    const positions = positionsOf(CASES[0]);
    const [before] = await sampler.sample(positions, 0, SEED);
    await sampler.renew(shaken(network));
    const [after] = await sampler.sample(positions, 0, SEED);
    const [expected] = await network.sample(positions, 0, SEED);
    expect(after.quantiles).not.toEqual(before.quantiles);
    expectClose(after.quantiles, expected.quantiles);
    await sampler.release();
    network.dispose();
  });
});

describe.skipIf(typeof onnxRuntime === 'string')('the moves of <1,2,1>', () => {
  // The network of the preset's kind, so that no two moves are equally likely.
  const rules = rulesOf({ n: 1, m: 2, p: 1 }, 'standard', [-1, 0, 1]);
  const draws = 20_000;
  /** The 99.99 % quantile of the chi-square distribution with 31 degrees of freedom. */
  const LIMIT = 69.1;

  it.each(['onnx', 'tfjs'] as const)('are drawn through %s as often as the policy says', async (name) => {
    const network = new Network({ ...SMALL_NETWORK, entriesPerToken: 1 }, rules, SEED);
    const weights = shaken(network);
    const graph = new GraphSampler(onnxRuntime as Runtime, network.layout, weights);
    const sampler: Sampler = name === 'onnx' ? graph : network;
    const position = start(rules);
    const moves = allMoves(network);
    expect(moves).toHaveLength(32);
    const probabilities = tf.tidy(() => {
      const { negativeLogProbabilities } = network.forward({ positions: [position], actions: moves });
      return Array.from(negativeLogProbabilities.dataSync(), (x) => Math.exp(-x));
    });
    expect(probabilities.reduce((x, y) => x + y)).toBeCloseTo(1, 5);

    const counts = new Map(moves.map((move) => [move.join(), 0]));
    const [{ actions }] = await sampler.sample([position], draws, new Random('draws'));
    for (const action of actions) counts.set(action.join(), (counts.get(action.join()) ?? 0) + 1);
    // No other move was drawn.
    expect(counts.size).toBe(32);
    const statistic = moves.reduce((sum, move, index) => {
      const expected = draws * probabilities[index];
      return sum + ((counts.get(move.join()) as number) - expected) ** 2 / expected;
    }, 0);
    expect(statistic).toBeLessThan(LIMIT);
    await graph.release();
    network.dispose();
  });
});

/** Lists every sign-canonical move without a zero factor. */
function allMoves({ tokens }: Network): Int8Array[] {
  const entries = tokens.slots[tokens.length - 1].offset + 1;
  const moves = new Map<string, Int8Array>();
  for (let code = 0; code < 3 ** entries; code++) {
    const move = Int8Array.from({ length: entries }, (_, i) => (Math.floor(code / 3 ** i) % 3) - 1);
    const isZero = [move.subarray(0, 2), move.subarray(2, 4), move.subarray(4)].some((f) => f.every((x) => x === 0));
    if (isZero) continue;
    const canonical = makeSignCanonical(move.slice(), tokens.size);
    const spelled = decodeTokens(encodeTokens(canonical, tokens, new Int32Array(tokens.length)), tokens);
    moves.set(spelled.join(), spelled);
  }
  return [...moves.values()];
}

describe('ONNX Runtime', () => {
  it('that is not installed is refused with the way out', () => {
    expect(() => loadRuntime('--learn-backend', 'no-such-onnxruntime')).toThrow(
      expect.objectContaining({
        code: 'UNAVAILABLE',
        message:
          'ONNX Runtime does not run here: the package no-such-onnxruntime is not installed; use --learn-backend tfjs.',
      }),
    );
  });
});
