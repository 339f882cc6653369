import type { Action } from '../game/action.js';
import type { Observed } from '../game/observation.js';

/** Holds what a learner step learns from. */
export interface LearningBatch {
  readonly positions: readonly Observed[];
  /** [positions * actionsPerPosition], position-major. */
  readonly actions: readonly Action[];
  /** The weight of each action in its position's policy target; those of a position sum to 1, or to 0 if its policy is not trained. */
  readonly weights: readonly number[];
  /** The return of each position. */
  readonly returns: readonly number[];
}

/** Holds the losses of a batch, and the gradient of their weighted sum. */
export interface Gradients {
  readonly policyLoss: number;
  readonly valueLoss: number;
  /** With respect to all weights, in the order of the network's parameters, one after the other. Holds until the next is computed. */
  readonly gradient: Float32Array;
}

/** Computes the losses of a network's present weights and their gradients. */
export interface GradientEngine {
  compute(batch: LearningBatch): Promise<Gradients>;
  close(): Promise<void>;
}
