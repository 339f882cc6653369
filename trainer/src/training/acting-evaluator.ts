import { setImmediate } from 'node:timers/promises';
import type { Random } from '@alphatensor-edge/shared';
import type { TrainingConfig } from '../config.js';
import { networkEvaluator } from '../network/batcher.js';
import type { Sampler } from '../network/sampler.js';
import type { Evaluator } from '../search/evaluator.js';

/** Names a part of a round: the games whose index is `worker` modulo `workers`. */
export interface Share {
  readonly worker: number;
  readonly workers: number;
}

/**
 * Makes the evaluator of a round's games. The network computes in this thread and a round takes long, so the evaluator lets signals
 * and measurements be handled between two calls.
 * @param random the round's generator. Each thread splits its own off it, as the samples that the network draws for one game depend on
 *   those for the other games of the call.
 */
export function actingEvaluator(
  sampler: Sampler,
  { acting }: TrainingConfig,
  { valueLevel, random, share }: { readonly valueLevel: number; readonly random: Random; readonly share: Share },
): Evaluator {
  const evaluate = networkEvaluator(
    sampler,
    { maxBatch: acting.maxBatch, valueLevel },
    random.split(share.workers === 1 ? 'evaluator' : `evaluator/${share.worker}`),
  );
  return async (positions, samples) => {
    await setImmediate();
    return evaluate(positions, samples);
  };
}
