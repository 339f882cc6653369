import { AlphaTensorError, type Random } from '@alphatensor-edge/shared';
import type { Action } from '../game/action.js';
import { isSolved, type Position, play } from '../game/state.js';
import type { Evaluator } from './evaluator.js';
import { gumbel } from './gumbel.js';
import { mergeSamples } from './tree.js';

/** Sets how the beam search runs. It is a labelled alternative to the tree search and not part of AlphaTensor. */
interface BeamOptions {
  /** Number of positions kept at each depth. */
  readonly width: number;
  /** Number of actions drawn for each of them. */
  readonly samples: number;
  /** Number of actions drawn for the opening position. */
  readonly rootSamples: number;
  /** Scale of the Gumbel noise on the expected remaining moves; 0 always keeps the best positions. */
  readonly noise: number;
}

const DEFAULT_BEAM_OPTIONS: BeamOptions = { width: 64, samples: 16, rootSamples: 128, noise: 0.3 };

/** Holds what a beam search found. */
interface BeamResult {
  /**
   * The shortest solutions, all of one length: every move from the game's beginning, the opening position's history included. Empty
   * if the moves ran out.
   */
  readonly solutions: readonly (readonly Action[])[];
  /** Number of positions evaluated with actions. */
  readonly expanded: number;
  /** Number of positions evaluated for their value alone. */
  readonly ranked: number;
}

/**
 * Searches by a beam from a position that is not over. At each depth the network draws actions for every position of the beam, and
 * equal successors are merged. The `width` successors with the fewest expected remaining moves go on; a little Gumbel noise on these
 * numbers makes the choice a sample without replacement. The search ends at the first depth with a solution.
 *
 * @throws AlphaTensorError CANCELLED between two depths after `signal` was aborted
 */
export async function beamSearch(
  opening: Position,
  evaluator: Evaluator,
  options: Partial<BeamOptions>,
  random: Random,
  signal?: AbortSignal,
): Promise<BeamResult> {
  const { width, samples, rootSamples, noise } = { ...DEFAULT_BEAM_OPTIONS, ...options };
  let beam: Position[] = [opening];
  let expanded = 0;
  let ranked = 0;
  while (beam.length > 0 && beam[0].movesLeft > 0) {
    if (signal?.aborted) throw new AlphaTensorError('CANCELLED', 'The beam search was stopped before it was over.');
    const evaluations = await evaluator(beam, beam[0] === opening ? rootSamples : samples);
    expanded += beam.length;
    const successors = distinct(
      beam.flatMap((position, index) =>
        mergeSamples(evaluations[index].actions).map(({ action }) => play(position, action)),
      ),
    );
    const solutions = successors.filter(isSolved).map((position) => position.history);
    if (solutions.length > 0) return { solutions, expanded, ranked };
    if (successors.length > width) {
      const values = await evaluator(successors, 0);
      ranked += successors.length;
      beam = best(
        successors,
        values.map(({ value }) => value + noise * gumbel(random)),
        width,
      );
    } else {
      beam = successors;
    }
  }
  return { solutions: [], expanded, ranked };
}

/** Keeps the first position of each residual. Solved positions are all kept, as each is another factorization. */
function distinct(positions: readonly Position[]): Position[] {
  const seen = new Set<string>();
  return positions.filter((position) => {
    if (isSolved(position)) return true;
    const key = Buffer.from(position.residual.buffer, position.residual.byteOffset, position.residual.length).toString(
      'latin1',
    );
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** Gives the `count` items with the highest scores, best first. */
function best<T>(items: readonly T[], scores: readonly number[], count: number): T[] {
  return items
    .map((_, index) => index)
    .sort((left, right) => scores[right] - scores[left])
    .slice(0, count)
    .map((index) => items[index]);
}
