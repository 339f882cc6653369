import type { Random } from '@alphatensor-edge/shared';
import type { Action } from '@alphatensor-edge/trainer/game/action.js';
import type { Evaluator } from '@alphatensor-edge/trainer/search/evaluator.js';
import type { Opening } from './openings.js';
import type { Search } from './searches.js';

/** The evaluations of a search are spent. */
class Spent extends Error {}

/** What a search came to. */
export interface Outcome {
  readonly hit: boolean;
  readonly spent: number;
  /** Those of a hit. */
  readonly moves: readonly Action[] | undefined;
}

/** Makes one search: plays from its opening again and again, until a hit or until its evaluations are spent. */
export async function spendOn(
  { position, isSolution }: Opening,
  random: Random,
  {
    evaluator,
    evaluations,
    search,
  }: { readonly evaluator: Evaluator; readonly evaluations: number; readonly search: Search },
): Promise<Outcome> {
  let spent = 0;
  const counted: Evaluator = (positions, samples) => {
    if (spent + positions.length > evaluations) throw new Spent();
    spent += positions.length;
    return evaluator(positions, samples);
  };
  try {
    for (let attempt = 0; ; attempt++) {
      const moves = await search(position, counted, random.split(attempt));
      // Counts only if it is exact.
      if (moves !== undefined && isSolution(moves)) return { hit: true, spent, moves };
    }
  } catch (error) {
    if (!(error instanceof Spent)) throw error;
    return { hit: false, spent, moves: undefined };
  }
}
