import type { Random } from '@alphatensor-edge/shared';
import type { Action } from '../game/action.js';
import type { Observed } from '../game/observation.js';
import type { Coordinates } from './permutations.js';

/** Holds the sampled actions and the value of a position. */
export interface Sampled {
  readonly actions: readonly Action[];
  /** Quantiles of the return. */
  readonly quantiles: Float32Array;
}

/** Plays for a network: it says what the network's policy and value make of positions. */
export interface Sampler extends Coordinates {
  /** Number of past moves that the network sees. */
  readonly historyLength: number;
  /**
   * Draws `samples` actions for each position, token by token; with 0 it gives the values alone. Every action is sign-canonical and has
   * no zero factor. Up to rounding, every sampler of a network draws the same actions from the same random numbers.
   */
  sample(positions: readonly Observed[], samples: number, random: Random): Promise<Sampled[]>;
}
