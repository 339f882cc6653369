import type { Random } from '@alphatensor-edge/shared';
import type { Action } from '../game/action.js';
import type { SyntheticGame } from '../game/demonstrations.js';
import { returnsToGo } from '../game/reward.js';
import type { Position } from '../game/state.js';
import type { SignedPermutation } from '../game/symmetry.js';
import { permuteMove, permutePosition } from '../network/permutations.js';

/** Holds a position and what the network should answer to it. */
export interface TrainingExample {
  readonly position: Position;
  /** The policy to imitate: distinct actions and their probabilities, which sum to 1. */
  readonly actions: readonly Action[];
  readonly policy: ArrayLike<number>;
  /** The return to go: -1 for each move still to be made, plus the terminal reward. */
  readonly value: number;
}

/** Makes an example of a game with a known solution. Each remaining term is an equally good move. The return is minus their number, plus `bonus`. */
export function exampleOf({ position, remaining }: SyntheticGame, bonus = 0): TrainingExample {
  return {
    position,
    actions: remaining,
    policy: remaining.map(() => 1 / remaining.length),
    value: returnsToGo(remaining.length, bonus)[0],
  };
}

/** Writes the example in other coordinates. */
export function permuteExample(example: TrainingExample, permutation: SignedPermutation): TrainingExample {
  const { position, actions } = example;
  const { size } = position.rules;
  return {
    ...example,
    position: permutePosition(position, permutation),
    actions: actions.map((action) => permuteMove(action, permutation, size)),
  };
}

/**
 * Chooses `count` weighted actions that stand for the whole policy. If there are few enough actions, it takes all with their weights,
 * and the other places get weight 0. If not, it takes a systematic sample with equal weights, which is unbiased.
 */
export function sampleTargets(
  { actions, policy }: TrainingExample,
  count: number,
  random: Random,
): { actions: Action[]; weights: number[] } {
  const chosen: number[] = [];
  const weights: number[] = [];
  if (actions.length <= count) {
    for (let k = 0; k < count; k++) {
      chosen.push(k % actions.length);
      weights.push(k < actions.length ? policy[k] : 0);
    }
  } else {
    const order = random.shuffle(Array.from(actions, (_, index) => index));
    let threshold = random.float() / count;
    let cumulative = 0;
    for (const index of order) {
      cumulative += policy[index];
      while (threshold < cumulative && chosen.length < count) {
        chosen.push(index);
        weights.push(1 / count);
        threshold += 1 / count;
      }
    }
    // Rounding may leave the last place empty.
    while (chosen.length < count) {
      chosen.push(order[order.length - 1]);
      weights.push(1 / count);
    }
  }
  return { actions: chosen.map((index) => actions[index]), weights };
}
