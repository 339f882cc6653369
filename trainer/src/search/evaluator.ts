import type { Action } from '../game/action.js';
import type { Position } from '../game/state.js';

/** What the network says of one position. */
export interface Evaluation {
  /** K actions sampled from the policy, duplicates included, each sign-canonical. */
  readonly actions: readonly Action[];
  /** Estimated return from here on: about minus the number of moves still needed. */
  readonly value: number;
}

/**
 * The seam between the search and the network: evaluates positions (none of them over) in one batch, in order,
 * drawing `samples` actions for each. With 0 samples only the values are asked for (the beam ranks many more positions
 * than it goes on from).
 */
export type Evaluator = (positions: readonly Position[], samples: number) => Promise<readonly Evaluation[]>;
