import type { Random } from '@alphatensor-edge/shared';
import type { Evaluator } from '../search/evaluator.js';
import type { Network } from './model.js';
import { permutePosition, unpermuteMove } from './permutations.js';
import { actingValue } from './value-head.js';

export interface BatcherOptions {
  /** Positions a network call takes at most; larger requests are split, to bound the memory. */
  readonly maxBatch: number;
  /** The value is the mean of the quantiles above this level; 0 for the expected return. */
  readonly valueLevel: number;
}

/**
 * The network as the search's Evaluator. Every query is seen through one of the network's signed permutations, drawn at
 * random, and its actions are mapped back (Fawzi et al., Methods), so that its bias for an order of the entries averages out.
 */
export function networkEvaluator(network: Network, options: BatcherOptions, random: Random): Evaluator {
  return async (positions, samples) => {
    const evaluations = [];
    for (let first = 0; first < positions.length; first += options.maxBatch) {
      const part = positions.slice(first, first + options.maxBatch);
      const { size } = part[0].rules;
      const permutations = part.map(() => network.permutations[random.int(network.permutations.length)]);
      const seen = part.map((position, index) => permutePosition(position, permutations[index]));
      const sampled = await network.sample(seen, samples, random);
      for (const [index, { actions, quantiles }] of sampled.entries()) {
        evaluations.push({
          actions: actions.map((action) => unpermuteMove(action, permutations[index], size)),
          value: actingValue(quantiles, options.valueLevel),
        });
      }
    }
    return evaluations;
  };
}
