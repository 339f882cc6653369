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
  await runLockstep(games, evaluator, signal);
  return games.map((game) => game.result());
}

/**
 * Steps new games until all are over.
 * @throws AlphaTensorError CANCELLED between two steps after `signal` was aborted
 */
export async function runLockstep(
  games: readonly GameSearch[],
  evaluator: Evaluator,
  signal?: AbortSignal,
): Promise<void> {
  for (;;) {
    const active = games.filter((game) => !game.isOver);
    if (active.length === 0) return;
    if (signal?.aborted) throw new AlphaTensorError('CANCELLED', 'The search was stopped before its games were over.');
    await stepTogether(active, evaluator);
  }
}

/** Makes one step of games that are not over: the positions that they wait for are evaluated together. */
export async function stepTogether(games: readonly GameSearch[], evaluator: Evaluator): Promise<void> {
  const waiting = games.map((game) => game.waiting);
  const wanted = games.flatMap((game) => game.wanted);
  const evaluations = await evaluateAll(waiting.flat(), wanted, evaluator);
  let next = 0;
  games.forEach((game, index) => {
    const count = waiting[index].length;
    game.expand(evaluations.slice(next, next + count));
    game.collect();
    next += count;
  });
}

/** Evaluates positions, those of which the same number of samples is wanted in one call. */
async function evaluateAll(
  positions: readonly Position[],
  wanted: readonly number[],
  evaluator: Evaluator,
): Promise<readonly Evaluation[]> {
  const answers: Evaluation[] = new Array(positions.length);
  for (const samples of [...new Set(wanted)].sort((a, b) => a - b)) {
    const asked = positions.filter((_, index) => wanted[index] === samples);
    const evaluations = await evaluator(asked, samples);
    if (evaluations.length !== asked.length) {
      throw new AlphaTensorError(
        'INTERNAL',
        `The evaluator answered ${evaluations.length} of ${asked.length} positions.`,
      );
    }
    let next = 0;
    wanted.forEach((each, index) => {
      if (each === samples) answers[index] = evaluations[next++];
    });
  }
  return answers;
}
