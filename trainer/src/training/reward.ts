import type { VerifiedFactorization } from '@alphatensor-edge/shared';
import type { PricedImages } from './priced-images.js';

// A finished game gets the reward
//
//   r' = r + lambda * b
//
//   r       the game's own reward: -1 for each move, and minus the slice ranks of the residual if it is out of moves (game/reward.ts)
//   b       the device's reward: -min(t / t_baseline, b_max) for the algorithm that the game found, -b_max if it is out of moves
//           (fleet/latency-reward.ts); with several problems and devices it is their mean (latency-feed.ts)
//   lambda  the weight of b, which the user chooses
//
// The second term is the game's **bonus**. A `Reward` computes it.

/**
 * Scales b to the bonus of a game: lambda * (b - b_0), where b_0 is that of the first algorithm that the run measured.
 *
 * The constant: every game gets exactly one latency term, at its end, so a constant added to b for all games changes no preference.
 * With b - b_0 the bonus is about zero for what the network plays when the run begins. A network that was trained without latency is then
 * right about positions from the first move on; with b itself every solved end would look worse to it than going on. Reports and
 * metrics give b.
 */
export function latencyBonus(lambda: number, b: number, first: number): number {
  return lambda * (b - first);
}

/** Holds a factorization that a game found, and its content hash. */
export interface Rewarded {
  readonly factorization: VerifiedFactorization;
  readonly hash: string;
}

/**
 * Holds the outcome of a measurement. A number is the bonus. `lost`: infrastructure lost the measurement, and the game is dropped from
 * the replay. Undefined: no measurement was made, or it gave no bonus, and the estimate stays.
 */
export type MeasuredBonus = number | 'lost' | undefined;

/** Gives the bonus of games: an estimate at once, the measured one later, or the one measured before. */
export interface Reward {
  /** Whether the bonus is 0 for every game, so that nothing needs to be estimated or measured. */
  readonly isPlain: boolean;
  /** Estimates the bonus at once. Undefined stands for a game that is out of moves and gets the lowest bonus. */
  estimate(factorization: VerifiedFactorization | undefined): number;
  /**
   * Measures the bonus while training goes on. The measured bonus changes the value targets of the games that ended with the
   * factorization, and its place among the best. It is called for each factorization that a game found, known ones too, so the
   * implementation remembers its measurements by `hash`. A rejected promise ends the run with its error.
   */
  measure(found: Rewarded): Promise<MeasuredBonus>;
  /** Shows algorithms under symmetries at a price of their own. Without it, the reward of an algorithm holds for all its images. */
  readonly images?: PricedImages | undefined;
  /** Gives the bonus that was measured before, also by an earlier part of a resumed run. Undefined if there is none. */
  known(hash: string): number | undefined;
}

/** Adds no bonus: r' = r, the reward of training without devices. */
export const PLAIN_REWARD: Reward = {
  isPlain: true,
  estimate: () => 0,
  measure: async () => undefined,
  known: () => undefined,
};
