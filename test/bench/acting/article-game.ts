import { performance } from 'node:perf_hooks';
import { Random, type Size } from '@alphatensor-edge/shared';
import { makeObservationBatch, observationLayout, observe } from '@alphatensor-edge/trainer/game/observation.js';
import { type GameRules, start } from '@alphatensor-edge/trainer/game/state.js';
import type { Evaluator } from '@alphatensor-edge/trainer/search/evaluator.js';
import { GameSearch } from '@alphatensor-edge/trainer/search/game-search.js';
import { searchOptions } from '@alphatensor-edge/trainer/search/options.js';
import { runLockstep } from '@alphatensor-edge/trainer/search/search.js';
import { uniformEvaluator } from '../common/random-moves.js';
import { NO_TREE, sizeOf, type TreeSize } from './tree-size.js';

export const url = import.meta.url;

/** There is one. */
export interface Row {
  readonly memory: true;
  readonly tfBackend?: string;
}

export interface Result {
  readonly size: Size;
  readonly moves: number;
  readonly simulations: number;
  readonly seconds: number;
  readonly largestTree: TreeSize;
  readonly observationBytes: number;
  readonly processBytesBefore: number;
  readonly peakProcessBytes: number;
}

/**
 * The case of the article that takes most memory: <5,5,5>, K = 32, the last 7 moves shown, 200 simulations a move, 150 moves.
 * The evaluator writes what a network would be shown and answers with moves drawn ahead, mostly zeros.
 */
export async function work(_: Row): Promise<Result> {
  const size = { n: 5, m: 5, p: 5 };
  const rules: GameRules = { size, arithmetic: 'standard', values: [-2, -1, 0, 1, 2], moveLimit: 150 };
  const random = new Random(1);
  const search = searchOptions({ simulations: 200, samples: 32, rootSamples: 32, leavesPerStep: 1 });
  const layout = observationLayout(size, rules.arithmetic, 7, 0);
  const batch = makeObservationBatch(layout, 1);
  const uniform = uniformEvaluator(size, () => (random.bernoulli(0.8) ? 0 : random.int(5) - 2), -100, random);
  const game = new GameSearch(start(rules), search, random.split('game'));
  let largestTree = NO_TREE;
  const evaluator: Evaluator = (positions, samples) => {
    if (game.tree.memory.allocated > largestTree.bytes) largestTree = sizeOf(game.tree);
    for (const position of positions) observe([position], layout, batch);
    return uniform(positions, samples);
  };
  const processBytesBefore = process.memoryUsage().rss;
  const began = performance.now();
  await runLockstep([game], evaluator);
  const { moves, simulations } = game.result();
  return {
    size,
    moves: moves.length,
    simulations,
    seconds: (performance.now() - began) / 1000,
    largestTree,
    observationBytes: batch.tensors.byteLength,
    processBytesBefore,
    peakProcessBytes: process.resourceUsage().maxRSS * 1024,
  };
}
