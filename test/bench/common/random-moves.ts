import { modeLengths, type Random, type Size } from '@alphatensor-edge/shared';
import { type Action, makeSignCanonical } from '@alphatensor-edge/trainer/game/action.js';
import type { Evaluator } from '@alphatensor-edge/trainer/search/evaluator.js';

const DRAWN = 4096;

/**
 * Makes an evaluator that answers with moves drawn ahead, so that drawing them is not what is timed.
 * @param entry draws an entry of a move; one entry of every factor is 1, so that none is zero
 * @param value the return that every position is said to have, less a random part of one move
 */
export function uniformEvaluator(size: Size, entry: () => number, value: number, random: Random): Evaluator {
  const pool = Array.from({ length: DRAWN }, () => randomMove(size, entry, random));
  return async (positions, samples) =>
    positions.map(() => ({
      actions: Array.from({ length: samples }, () => pool[random.int(DRAWN)]),
      value: value - random.float(),
    }));
}

function randomMove(size: Size, entry: () => number, random: Random): Action {
  const lengths = modeLengths(size);
  const move = Int8Array.from({ length: lengths[0] + lengths[1] + lengths[2] }, entry);
  let base = 0;
  for (const entries of lengths) {
    move[base + random.int(entries)] = 1;
    base += entries;
  }
  return makeSignCanonical(move, size);
}
