import { AlphaTensorError, type Random } from '@alphatensor-edge/shared';
import type { Action } from '../game/action.js';
import { isSolved, type Position, play } from '../game/state.js';
import type { Evaluator } from './evaluator.js';
import { gumbel } from './gumbel.js';
import { mergeSamples } from './tree.js';

/** A labelled alternative to the tree search, not part of AlphaTensor. */
export interface BeamOptions {
  /** Positions kept at each depth. */
  readonly width: number;
  /** Actions drawn for each of them. */
  readonly samples: number;
  /** Actions drawn for the opening position. */
  readonly rootSamples: number;
  /** Scale of the Gumbel noise on the expected remaining moves; 0 keeps the best. */
  readonly noise: number;
}

const DEFAULT_BEAM_OPTIONS: BeamOptions = { width: 64, samples: 16, rootSamples: 128, noise: 0.3 };

export interface BeamResult {
  /**
   * The shortest solutions found: all moves from the game's beginning, the position's own history included. Those of the same
   * search all have the same length; none if the moves ran out.
   */
  readonly solutions: readonly (readonly Action[])[];
  /** Positions the evaluator was asked for: with actions, and for their value only. */
  readonly expanded: number;
  readonly ranked: number;
}

/**
 * Beam search from a position that is not over: at each depth the network draws actions for every position of the beam,
 * equal successors are merged, and the `width` with the fewest expected remaining moves (less a little Gumbel noise, which
 * makes it a sample without replacement) go on. Ends at the first depth with a solution.
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

/** One position of each residual, the first; solved ones are all kept, as each is another factorization. */
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

/** The `count` items with the highest score, best first. */
function best<T>(items: readonly T[], scores: readonly number[], count: number): T[] {
  return items
    .map((_, index) => index)
    .sort((left, right) => scores[right] - scores[left])
    .slice(0, count)
    .map((index) => items[index]);
}
