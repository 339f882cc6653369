import type { Random } from '@alphatensor-edge/shared';
import type { TrainingConfig } from '@alphatensor-edge/trainer/config.js';
import type { Action } from '@alphatensor-edge/trainer/game/action.js';
import { isOver, isSolved, type Position, play } from '@alphatensor-edge/trainer/game/state.js';
import { beamSearch } from '@alphatensor-edge/trainer/search/beam.js';
import type { Evaluator } from '@alphatensor-edge/trainer/search/evaluator.js';
import { GameSearch } from '@alphatensor-edge/trainer/search/game-search.js';
import { searchOptions } from '@alphatensor-edge/trainer/search/options.js';
import { runLockstep } from '@alphatensor-edge/trainer/search/search.js';
import { refusal } from '../bench.js';
import type { Setting } from './openings.js';

/** Plays from an opening once; resolves to the moves of a solution, if any. The evaluator may end it by throwing. */
export type Search = (
  opening: Position,
  evaluator: Evaluator,
  random: Random,
) => Promise<readonly Action[] | undefined>;

/** A search with the options that an arm gave it. */
export interface PreparedSearch {
  readonly search: Search;
  /** Level of the value's quantiles that the evaluator takes. */
  readonly valueLevel: number;
}

/** `settings` are those of an arm, such as `c1=0.2`. */
type Prepare = (config: TrainingConfig, setting: Setting, settings: readonly string[]) => PreparedSearch;

export const SEARCH_NAMES = ['policy', 'beam', 'mcts'] as const;
export type SearchName = (typeof SEARCH_NAMES)[number];

export const SEARCHES: Readonly<Record<SearchName, Prepare>> = {
  /** Games by the policy alone, so many side by side. */
  policy: (_config, _setting, settings) => {
    const { games, valueLevel } = changed('policy', { games: 16, valueLevel: 0 }, settings);
    return { valueLevel, search: (opening, evaluator) => playByPolicy(opening, evaluator, games) };
  },
  beam: ({ beam, moveLimit }, { evaluations, remaining }, settings) => {
    // As wide as lets one search end within the evaluations: ranking its successors costs it most of them. The beam compares expected
    // returns; the risk-seeking value is the tree search's.
    const width = Math.max(1, Math.floor((0.8 * evaluations) / ((remaining ?? moveLimit) * (beam.samples + 1))));
    const options = changed('beam', { ...beam, width, rootSamples: 64, valueLevel: 0 }, settings);
    return {
      valueLevel: options.valueLevel,
      search: async (opening, evaluator, random) =>
        (await beamSearch(opening, evaluator, options, random)).solutions[0],
    };
  },
  mcts: (config, _setting, settings) => {
    const defaults = { ...config.search, valueLevel: config.network.value.actingLevel };
    const { valueLevel, ...options } = changed('mcts', defaults, settings);
    return { valueLevel, search: (opening, evaluator, random) => searchTree(opening, evaluator, options, random) };
  },
};

async function playByPolicy(
  opening: Position,
  evaluator: Evaluator,
  games: number,
): Promise<readonly Action[] | undefined> {
  let positions: Position[] = Array(games).fill(opening);
  while (positions.length > 0) {
    const answers = await evaluator(positions, 1);
    const next = positions.map((position, index) => play(position, answers[index].actions[0]));
    const solved = next.find(isSolved);
    if (solved !== undefined) return solved.history;
    positions = next.filter((position) => !isOver(position));
  }
  return undefined;
}

/** A tree search has come to a solution. */
class Found extends Error {}

/** What its simulations run into counts, however the game would end. */
async function searchTree(
  opening: Position,
  evaluator: Evaluator,
  options: TrainingConfig['search'],
  random: Random,
): Promise<readonly Action[] | undefined> {
  const search = searchOptions(options);
  const game = new GameSearch(opening, search, random);
  const untilFound: Evaluator = (positions, samples) => {
    if (game.result().best !== undefined) throw new Found();
    return evaluator(positions, samples);
  };
  await runLockstep([game], untilFound).catch((error: unknown) => {
    if (!(error instanceof Found)) throw error;
  });
  return game.result().best?.moves;
}

/** @throws AlphaTensorError INVALID_ARGUMENT for an option that the search does not have, or of another type */
function changed<Options extends object>(name: string, defaults: Options, settings: readonly string[]): Options {
  const changes = settings.map((setting) => {
    const [option, text] = setting.split('=');
    const before = Object.entries(defaults).find(([key]) => key === option)?.[1];
    if (before === undefined) throw refusal(`${name} has no option ${option}.`);
    const value = typeof before === 'number' ? Number(text) : typeof before === 'boolean' ? text === 'true' : text;
    if (text === undefined || Number.isNaN(value)) throw refusal(`"${setting}" gives ${option} of ${name} no value.`);
    return [option, value];
  });
  return { ...defaults, ...Object.fromEntries(changes) };
}
