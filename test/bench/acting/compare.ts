import { Random, type Size } from '@alphatensor-edge/shared';
import { gameRules } from '@alphatensor-edge/trainer/config.js';
import { randomBasis, targetTensor } from '@alphatensor-edge/trainer/game/basis.js';
import { type Position, start } from '@alphatensor-edge/trainer/game/state.js';
import { startBackend } from '@alphatensor-edge/trainer/network/backend.js';
import { Network } from '@alphatensor-edge/trainer/network/model.js';
import { GraphSampler } from '@alphatensor-edge/trainer/network/onnx/graph-sampler.js';
import { loadRuntime, runtimeDescription } from '@alphatensor-edge/trainer/network/onnx/runtime.js';
import { type ArmTime, type Effect, pairedEffect, sum } from '../common/figures.js';
import { configFor } from '../common/networks.js';
import type { NetworkName } from '../common/options.js';
import { profiled, type Shares } from '../common/profile.js';
import { playFor, type Turn } from './timed-games.js';

export const url = import.meta.url;

/** What each arm plays through. TensorFlow.js with the policy at once is what the others are compared with. */
const ARMS = {
  'tfjs, at once': { onnx: false, valueFirst: false },
  'tfjs, value first': { onnx: false, valueFirst: true },
  'onnx, at once': { onnx: true, valueFirst: false },
  'onnx, value first': { onnx: true, valueFirst: true },
} as const;
export type ArmName = keyof typeof ARMS;
const NAMES = Object.keys(ARMS) as ArmName[];
export const BASELINE: ArmName = 'tfjs, at once';

export interface Row {
  /** Of what the others are compared with. */
  readonly tfBackend: 'wasm';
  readonly size: Size;
  readonly network: NetworkName;
  readonly games: number;
  /** Of one arm in one round. */
  readonly seconds: number;
  readonly rounds: number;
}

export interface Arm {
  readonly name: ArmName;
  /** The mean over the rounds. */
  readonly simulationsPerSecond: number;
  /** Simulations a second over the baseline's, paired by round. */
  readonly effect: Effect;
  /** The share of positions for which actions were drawn and below which the search never went. */
  readonly wasted: number;
  readonly shares: Shares;
}

export interface Result {
  readonly runtime: string;
  readonly backend: string;
  readonly samples: number;
  readonly leavesPerStep: number;
  readonly weights: number;
  readonly arms: readonly Arm[];
}

/** Plays the same openings through each arm in turns, in one thread, with a network of random weights. */
export async function work({ tfBackend, size, network: name, games, seconds, rounds }: Row): Promise<Result> {
  const config = configFor(size, name);
  const rules = gameRules(config);
  const random = new Random(1);
  const { description } = await startBackend(tfBackend);
  const network = new Network(config.network, rules, random.split('weights'));
  const runtime = loadRuntime();
  const graphs = new GraphSampler(runtime, network.layout, network.parameters.export());
  const openingsOf = (round: number): Position[] => {
    const choice = random.split(`round/${round}`);
    return Array.from({ length: games }, () =>
      start(rules, targetTensor(randomBasis(size, config.arithmetic, choice, config.acting.basis))),
    );
  };

  const play = (arm: ArmName, round: number, time: number): Promise<Turn> => {
    const { onnx, valueFirst } = ARMS[arm];
    const armConfig = { ...config, search: { ...config.search, valueFirst } };
    return playFor(time, onnx ? graphs : network, armConfig, openingsOf(round), random.split(`turn/${round}`));
  };

  const shares = new Map<ArmName, Shares>();
  // Not timed: compiles the code, and says where the time goes.
  for (const arm of NAMES) shares.set(arm, (await profiled(() => play(arm, 0, seconds))).shares);
  const rates: ArmTime[] = [];
  const samples = new Map(NAMES.map((arm) => [arm, { expansions: 0, wasted: 0 }]));
  for (let round = 1; round <= rounds; round++) {
    const order = round % 2 === 1 ? NAMES : [...NAMES].reverse();
    for (const arm of order) {
      const { rate, expansions, wasted } = await play(arm, round, seconds);
      rates.push({ seed: round, arm, time: rate });
      const known = samples.get(arm)!;
      samples.set(arm, { expansions: known.expansions + expansions, wasted: known.wasted + wasted });
    }
  }
  await graphs.release();
  return {
    runtime: runtimeDescription(runtime),
    backend: description,
    samples: config.search.samples,
    leavesPerStep: config.search.leavesPerStep,
    weights: network.parameters.count,
    arms: NAMES.map((arm) => ({
      name: arm,
      simulationsPerSecond: sum(rates.filter((each) => each.arm === arm).map(({ time }) => time)) / rounds,
      effect: pairedEffect(rates, arm, BASELINE),
      wasted: samples.get(arm)!.wasted / samples.get(arm)!.expansions,
      shares: shares.get(arm)!,
    })),
  };
}
