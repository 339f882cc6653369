import { setImmediate } from 'node:timers/promises';
import type { Random } from '@alphatensor-edge/shared';
import type { TrainingConfig } from '../config.js';
import { networkEvaluator } from '../network/batcher.js';
import type { Network } from '../network/model.js';
import type { Evaluator } from '../search/evaluator.js';

/** A part of a round: the games whose index is `worker` modulo `workers`. */
export interface Share {
  readonly worker: number;
  readonly workers: number;
}

/**
 * Makes the evaluator of a round's games, whose calls give way: TensorFlow.js computes in this thread, and a round takes long, so
 * between two calls signals and measurements get their turn.
 * @param random of the round; a thread draws its own, as the samples that the network draws for one game depend on those it draws for
 *   the others beside it
 */
export function actingEvaluator(
  network: Network,
  { acting }: TrainingConfig,
  { valueLevel, random, share }: { readonly valueLevel: number; readonly random: Random; readonly share: Share },
): Evaluator {
  const evaluate = networkEvaluator(
    network,
    { maxBatch: acting.maxBatch, valueLevel },
    random.split(share.workers === 1 ? 'evaluator' : `evaluator/${share.worker}`),
  );
  return async (positions, samples) => {
    await setImmediate();
    return evaluate(positions, samples);
  };
}
