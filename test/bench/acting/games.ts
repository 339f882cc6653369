import { performance } from 'node:perf_hooks';
import { AlphaTensorError, Random } from '@alphatensor-edge/shared';
import { gameRules } from '@alphatensor-edge/trainer/config.js';
import { randomBasis, targetTensor } from '@alphatensor-edge/trainer/game/basis.js';
import { start } from '@alphatensor-edge/trainer/game/state.js';
import { startBackend } from '@alphatensor-edge/trainer/network/backend.js';
import { networkEvaluator } from '@alphatensor-edge/trainer/network/batcher.js';
import { Network } from '@alphatensor-edge/trainer/network/model.js';
import type { Evaluator } from '@alphatensor-edge/trainer/search/evaluator.js';
import { GameSearch, type PlayedGame } from '@alphatensor-edge/trainer/search/game-search.js';
import { searchOptions } from '@alphatensor-edge/trainer/search/options.js';
import { runLockstep } from '@alphatensor-edge/trainer/search/search.js';
import { sum } from '../common/figures.js';
import { configFor, describeNetwork } from '../common/networks.js';
import { tfBackend } from '../common/options.js';
import { profiled, type Shares } from '../common/profile.js';
import type { GamesRow } from './games-row.js';
import { NO_TREE, sizeOf, type TreeSize } from './tree-size.js';

export const url = import.meta.url;

export interface Row extends GamesRow {
  readonly seconds: number;
}

export interface Result {
  readonly backend: string;
  readonly networkSize: string;
  readonly weights: number;
  /** K of the search. */
  readonly samples: number;
  readonly simulationsPerSecond: number;
  readonly evaluationsPerSecond: number;
  readonly shares: Shares;
  readonly largestTree: TreeSize;
  readonly peakProcessBytes: number;
}

/** Plays games in lockstep for so many seconds, at least for two calls of the network, whose weights are random. */
export async function work({ tfBackend: backend, size, network: name, games, seconds }: Row): Promise<Result> {
  const config = configFor(size, name);
  const random = new Random(1);
  const { description } = await startBackend(tfBackend(backend));
  const network = new Network(config.network, gameRules(config), random.split('weights'));
  const search = searchOptions(config.search);
  const openings = Array.from({ length: games }, () =>
    start(gameRules(config), targetTensor(randomBasis(size, config.arithmetic, random, config.acting.basis))),
  );
  const valueLevel = config.network.value.actingLevel;
  const inner = networkEvaluator(network, { maxBatch: config.acting.maxBatch, valueLevel }, random.split('evaluator'));

  const play = async (time: number) => {
    const searches = openings.map((opening, index) => new GameSearch(opening, search, random.split(index)));
    const began = performance.now();
    const stop = new AbortController();
    let largestTree = NO_TREE;
    let steps = 0;
    const evaluator: Evaluator = async (positions, samples) => {
      const evaluations = await inner(positions, samples);
      steps++;
      if ((steps > 1 || time === 0) && performance.now() - began >= time * 1000) stop.abort();
      for (const { tree } of searches) if (tree.nodeTotal > largestTree.nodes) largestTree = sizeOf(tree);
      return evaluations;
    };
    await runLockstep(searches, evaluator, stop.signal).catch((error: unknown) => {
      if (!(error instanceof AlphaTensorError && error.code === 'CANCELLED')) throw error;
    });
    const elapsed = (performance.now() - began) / 1000;
    const rate = (of: (game: PlayedGame) => number): number => sum(searches.map((game) => of(game.result()))) / elapsed;
    return {
      simulationsPerSecond: rate(({ simulations }) => simulations),
      evaluationsPerSecond: rate(({ evaluations }) => evaluations),
      largestTree,
    };
  };
  await play(0);
  const { result, shares } = await profiled(() => play(seconds));
  return {
    backend: description,
    networkSize: describeNetwork(config.network),
    weights: network.parameters.count,
    samples: config.search.samples,
    ...result,
    shares,
    peakProcessBytes: process.resourceUsage().maxRSS * 1024,
  };
}
