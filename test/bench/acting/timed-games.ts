import { performance } from 'node:perf_hooks';
import { AlphaTensorError, type Random } from '@alphatensor-edge/shared';
import type { TrainingConfig } from '@alphatensor-edge/trainer/config.js';
import type { Position } from '@alphatensor-edge/trainer/game/state.js';
import { networkEvaluator } from '@alphatensor-edge/trainer/network/batcher.js';
import type { Sampler } from '@alphatensor-edge/trainer/network/sampler.js';
import type { Evaluator } from '@alphatensor-edge/trainer/search/evaluator.js';
import { GameSearch } from '@alphatensor-edge/trainer/search/game-search.js';
import { searchOptions } from '@alphatensor-edge/trainer/search/options.js';
import { runLockstep } from '@alphatensor-edge/trainer/search/search.js';
import { sum } from '../common/figures.js';

/** What games by tree search came to in a turn. */
export interface Turn {
  /** Simulations a second. */
  readonly rate: number;
  readonly expansions: number;
  readonly wasted: number;
}

/** Plays games side by side by tree search, from the openings on, and ends them after so many seconds. */
export async function playFor(
  seconds: number,
  sampler: Sampler,
  config: TrainingConfig,
  openings: readonly Position[],
  random: Random,
): Promise<Turn> {
  const { acting, network } = config;
  const options = { maxBatch: acting.maxBatch, valueLevel: network.value.actingLevel };
  const evaluate = networkEvaluator(sampler, options, random.split('evaluator'));
  const search = searchOptions(config.search);
  const searches = openings.map((opening, index) => new GameSearch(opening, search, random.split(index)));
  const stop = new AbortController();
  const began = performance.now();
  const evaluator: Evaluator = async (positions, samples) => {
    const evaluations = await evaluate(positions, samples);
    if (performance.now() - began >= seconds * 1000) stop.abort();
    return evaluations;
  };
  await runLockstep(searches, evaluator, stop.signal).catch((error: unknown) => {
    if (!(error instanceof AlphaTensorError && error.code === 'CANCELLED')) throw error;
  });
  const elapsed = (performance.now() - began) / 1000;
  const results = searches.map((game) => game.result());
  return {
    rate: sum(results.map(({ simulations }) => simulations)) / elapsed,
    expansions: sum(results.map(({ expansions }) => expansions)),
    wasted: sum(results.map(({ wasted }) => wasted)),
  };
}
