import { AlphaTensorError, type Random } from '@alphatensor-edge/shared';
import type { Position } from '../game/state.js';
import type { Evaluation, Evaluator } from './evaluator.js';
import { GameSearch, type PlayedGame } from './game-search.js';
import { type SearchOptions, searchOptions } from './options.js';

/**
 * Plays many games to their end in lockstep by sampled Monte Carlo tree search (Hubert et al., 2021; Fawzi et al., Nature 610
 * (2022)). In each step every unfinished game descends its tree, the leaves of all games are evaluated in one call, and the values
 * are backed up. Game i draws from `random.split(i)`, so no game depends on the others.
 *
 * @throws AlphaTensorError CANCELLED between two steps after `signal` was aborted
 */
export async function searchGames(
  openings: readonly Position[],
  evaluator: Evaluator,
  options: Partial<SearchOptions>,
  random: Random,
  signal?: AbortSignal,
): Promise<PlayedGame[]> {
  const complete = searchOptions(options);
  const games = openings.map((opening, index) => new GameSearch(opening, complete, random.split(index)));
  await runLockstep(games, evaluator, complete, signal);
  return games.map((game) => game.result());
}

/**
 * Steps new games until all are over.
 * @throws AlphaTensorError CANCELLED between two steps after `signal` was aborted
 */
export async function runLockstep(
  games: readonly GameSearch[],
  evaluator: Evaluator,
  { samples, rootSamples }: Pick<SearchOptions, 'samples' | 'rootSamples'>,
  signal?: AbortSignal,
): Promise<void> {
  // First all games wait for their opening positions.
  let wanted = rootSamples;
  for (;;) {
    const active = games.filter((game) => !game.isOver);
    if (active.length === 0) return;
    if (signal?.aborted) throw new AlphaTensorError('CANCELLED', 'The search was stopped before its games were over.');
    const waiting = active.map((game) => game.waiting);
    const evaluations = await evaluateAll(waiting.flat(), evaluator, wanted);
    let next = 0;
    active.forEach((game, index) => {
      const count = waiting[index].length;
      game.expand(evaluations.slice(next, next + count));
      game.collect();
      next += count;
    });
    wanted = samples;
  }
}

async function evaluateAll(
  positions: readonly Position[],
  evaluator: Evaluator,
  samples: number,
): Promise<readonly Evaluation[]> {
  const evaluations = await evaluator(positions, samples);
  if (evaluations.length !== positions.length) {
    throw new AlphaTensorError(
      'INTERNAL',
      `The evaluator answered ${evaluations.length} of ${positions.length} positions.`,
    );
  }
  return evaluations;
}
