import type { Random } from '@alphatensor-edge/shared';
import { makeSignCanonical } from '../game/action.js';
import type { Position } from '../game/state.js';
import { permuteAction, permuteTensor, randomSignedPermutation, unpermuteAction } from '../game/symmetry.js';
import type { Evaluator } from '../search/evaluator.js';
import type { Network } from './model.js';
import { actingValue } from './value-head.js';

export interface BatcherOptions {
  /** Positions a network call takes at most; larger requests are split, to bound the memory. */
  readonly maxBatch: number;
  /** The value is the mean of the quantiles above this level; 0 for the expected return. */
  readonly valueLevel: number;
}

/**
 * The network as the search's Evaluator. Every query is seen through a signed permutation of its own, and its actions are
 * mapped back (Fawzi et al., Methods), so that the network's bias for an order of the entries averages out.
 */
export function networkEvaluator(network: Network, options: BatcherOptions, random: Random): Evaluator {
  return async (positions, samples) => {
    const evaluations = [];
    for (let first = 0; first < positions.length; first += options.maxBatch) {
      const part = positions.slice(first, first + options.maxBatch);
      const { size, arithmetic } = part[0].rules;
      const permutations = part.map(() => randomSignedPermutation(size, arithmetic, random));
      const seen = part.map((position, index) => permuted(position, permutations[index]));
      const sampled = await network.sample(seen, samples, random);
      for (const [index, { actions, quantiles }] of sampled.entries()) {
        evaluations.push({
          actions: actions.map((action) => makeSignCanonical(unpermuteAction(action, permutations[index], size), size)),
          value: actingValue(quantiles, options.valueLevel),
        });
      }
    }
    return evaluations;
  };
}

/** The position in other coordinates; its moves stay sign-canonical. */
export function permuted(position: Position, permutation: ReturnType<typeof randomSignedPermutation>): Position {
  const { size } = position.rules;
  const residual = new Int8Array(position.residual.length);
  permuteTensor(position.residual, permutation, size, residual);
  return {
    ...position,
    residual,
    history: position.history.map((action) => makeSignCanonical(permuteAction(action, permutation, size), size)),
  };
}
