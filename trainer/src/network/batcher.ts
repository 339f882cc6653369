import type { Random } from '@alphatensor-edge/shared';
import type { Evaluator } from '../search/evaluator.js';
import { coordinatesOf, permutePosition, unpermuteMove } from './permutations.js';
import type { Sampler } from './sampler.js';
import { actingValue } from './value-head.js';

/** Sets how the evaluator calls the network. */
interface BatcherOptions {
  /** The most positions of one network call. Larger requests are split, to bound the memory. */
  readonly maxBatch: number;
  /** The value is the mean of the quantiles above this level; 0 gives the expected return. */
  readonly valueLevel: number;
}

/**
 * Makes the search's Evaluator from a network. Each position is shown to the network in one of its signed permutations, drawn at random, and the
 * actions are mapped back (Fawzi et al., Methods). So the network's bias for an order of the entries averages out.
 */
export function networkEvaluator(sampler: Sampler, options: BatcherOptions, random: Random): Evaluator {
  return async (positions, samples) => {
    const evaluations = [];
    for (let first = 0; first < positions.length; first += options.maxBatch) {
      const part = positions.slice(first, first + options.maxBatch);
      const { size } = part[0].rules;
      const permutations = part.map((position) => coordinatesOf(sampler, position, random));
      const [original] = sampler.permutations;
      const seen = part.map((position, index) =>
        permutations[index] === original
          ? position
          : permutePosition(position, permutations[index], sampler.historyLength),
      );
      const sampled = await sampler.sample(seen, samples, random);
      for (const [index, { actions, quantiles }] of sampled.entries()) {
        evaluations.push({
          actions:
            permutations[index] === original
              ? actions
              : actions.map((action) => unpermuteMove(action, permutations[index], size)),
          value: actingValue(quantiles, options.valueLevel),
        });
      }
    }
    return evaluations;
  };
}
