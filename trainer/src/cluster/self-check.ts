import { AlphaTensorError, Random } from '@alphatensor-edge/shared';
import { gameRules, type TrainingConfig } from '../config.js';
import { start } from '../game/state.js';
import type { Sampler } from '../network/sampler.js';

/** The most that two machines may differ by, in moves: rounding, and other kernels. */
const TOLERANCE = 0.05;

/**
 * Gives what a network makes of a fixed position, the target in the canonical basis: the mean of the quantiles of its value, in moves. A
 * machine that plays must come to the same as the learner with the same weights.
 */
export async function checkValue(sampler: Sampler, config: TrainingConfig): Promise<number> {
  const [{ quantiles }] = await sampler.sample([start(gameRules(config))], 0, new Random(0));
  return quantiles.reduce((sum, quantile) => sum + quantile, 0) / quantiles.length;
}

/** Compares this machine's value with the learner's. @throws AlphaTensorError UNAVAILABLE if they differ */
export function checkAgainst(own: number, learners: number): void {
  if (Math.abs(own - learners) <= TOLERANCE * (1 + Math.abs(learners))) return;
  throw new AlphaTensorError(
    'UNAVAILABLE',
    `This machine computes ${own.toFixed(3)} for a fixed position, and the learner ${learners.toFixed(3)}, with the same weights: its games would be wrong. Use the learner's version of at-trainer, try --act-backend tfjs, or test the machine's memory.`,
  );
}
