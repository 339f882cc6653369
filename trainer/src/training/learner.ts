import { mean, type Random } from '@alphatensor-edge/shared';
import type { TrainingConfig } from '../config.js';
import { type Coordinates, coordinatesOf } from '../network/permutations.js';
import { permuteExample, sampleTargets, type TrainingExample } from './example.js';
import type { GradientEngine } from './gradients.js';
import type { AdamW } from './optimizer.js';

/** Holds the metrics of one step, or the means over several. */
export interface StepMetrics {
  readonly policyLoss: number;
  readonly valueLoss: number;
  /** The global norm before clipping. */
  readonly gradientNorm: number;
}

/** Holds what makes a learner step. */
export interface Learner {
  readonly gradients: GradientEngine;
  readonly optimizer: Pick<AdamW, 'apply'>;
  /** In which the network sees positions. */
  readonly coordinates: Coordinates;
}

/** Makes one learner step on a batch. Each example is shown in the network's coordinates. */
export async function learn(
  { gradients, optimizer, coordinates }: Learner,
  examples: readonly TrainingExample[],
  { actionsPerPosition }: Pick<TrainingConfig['learner'], 'actionsPerPosition'>,
  random: Random,
): Promise<StepMetrics> {
  const seen = examples.map((example) => permuteExample(example, coordinatesOf(coordinates, example.position, random)));
  const targets = seen.map((example) => sampleTargets(example, actionsPerPosition, random));
  const { policyLoss, valueLoss, gradient } = await gradients.compute({
    positions: seen.map(({ position }) => position),
    actions: targets.flatMap(({ actions }) => actions),
    weights: targets.flatMap((target) => target.weights),
    returns: seen.map(({ value }) => value),
  });
  return { policyLoss, valueLoss, gradientNorm: optimizer.apply(gradient) };
}

/** Computes the means over a few steps. */
export function meanOfSteps(steps: readonly StepMetrics[]): StepMetrics {
  return {
    policyLoss: mean(steps.map(({ policyLoss }) => policyLoss)),
    valueLoss: mean(steps.map(({ valueLoss }) => valueLoss)),
    gradientNorm: mean(steps.map(({ gradientNorm }) => gradientNorm)),
  };
}
