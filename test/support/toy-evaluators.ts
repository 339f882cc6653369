import { modeLengths, type Random } from '../../shared/src/index.js';
import { type Action, makeSignCanonical } from '../../trainer/src/game/action.js';
import type { GameRules, Position } from '../../trainer/src/game/state.js';
import type { Evaluator } from '../../trainer/src/search/evaluator.js';

/** A move with entries drawn evenly from the alphabet, no factor zero. */
export function uniformAction({ size, values }: GameRules, random: Random): Action {
  const action = new Int8Array(modeLengths(size).reduce((sum, length) => sum + length));
  let base = 0;
  for (const length of modeLengths(size)) {
    const factor = action.subarray(base, base + length);
    do {
      for (let i = 0; i < length; i++) factor[i] = values[random.int(values.length)];
    } while (!factor.some((x) => x !== 0));
    base += length;
  }
  return makeSignCanonical(action, size);
}

/** Knows nothing: uniform moves, and a value that only counts nonzeros. Moves depend on the order of the requests. */
export function uniformEvaluator(random: Random): Evaluator {
  return async (positions, samples) =>
    positions.map((position) => ({
      actions: Array.from({ length: samples }, () => uniformAction(position.rules, random)),
      value: -nonzeros(position.residual),
    }));
}

/** The unit terms that clear one entry of the residual each. */
export function clearingActions({ rules, residual }: Position): Action[] {
  const [lengthU, lengthV, lengthW] = modeLengths(rules.size);
  const actions: Action[] = [];
  residual.forEach((entry, index) => {
    if (entry === 0) return;
    const action = new Int8Array(lengthU + lengthV + lengthW);
    action[Math.floor(index / (lengthV * lengthW))] = 1;
    action[lengthU + (Math.floor(index / lengthW) % lengthV)] = 1;
    action[lengthU + lengthV + (index % lengthW)] = entry;
    actions.push(action);
  });
  return actions;
}

/**
 * Knows the schoolbook algorithm: its samples alternate between a move that clears an entry and a uniform one, its value is minus
 * the number of nonzeros. A function of the position alone if `seedOf` is, so that the order of requests does not matter.
 */
export function clearingEvaluator(seedOf: (position: Position) => Random): Evaluator {
  return async (positions, samples) =>
    positions.map((position) => {
      const random = seedOf(position);
      const clearing = clearingActions(position);
      return {
        actions: Array.from({ length: samples }, (_, k) =>
          k % 2 === 0 ? clearing[random.int(clearing.length)] : uniformAction(position.rules, random),
        ),
        value: -clearing.length,
      };
    });
}

export function nonzeros(values: Int8Array): number {
  return values.reduce((count, value) => count + (value === 0 ? 0 : 1), 0);
}
