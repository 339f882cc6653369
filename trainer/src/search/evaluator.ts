import type { Action } from '../game/action.js';
import type { Position } from '../game/state.js';

/** Holds the network's answer to one position. */
export interface Evaluation {
  /** Actions sampled from the policy, each sign-canonical. The same action may come more than once. */
  readonly actions: readonly Action[];
  /** Estimated return from here on, about minus the number of moves still needed. */
  readonly value: number;
}

/**
 * Evaluates positions in one batch and answers in their order; none of them is over. Draws `samples` actions for each. With 0 samples
 * it gives the values alone, as the beam ranks many more positions than it goes on from. This is the seam between the search and the
 * network.
 */
export type Evaluator = (positions: readonly Position[], samples: number) => Promise<readonly Evaluation[]>;
