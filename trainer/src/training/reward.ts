import type { VerifiedFactorization } from '@alphatensor-edge/shared';

// What a finished game is worth:
//
//   r' = r + lambda * b
//
//   r       of the game alone: -1 a move, and for a game out of moves minus the slice ranks of what is left (game/reward.ts)
//   b       of the device: -min(t / t_baseline, b_max) of the algorithm that the game came to, -b_max for a game out of moves
//           (fleet/latency-reward.ts; over several problems and devices their mean, latency-feed.ts)
//   lambda  the user's weight of it
//
// The second term is the game's **bonus**. A `Reward` says what it is.

/**
 * Scales b to the bonus of a game: lambda * (b + 1).
 *
 * The constant: every game gets exactly one latency term, at its end, so a constant added to b for all games changes no preference.
 * With b + 1 the bonus is zero for an algorithm as fast as the baseline. A network that was trained without latency is then right
 * about unsolved positions from the first move on; with b itself every solved end would look worse to it than going on. Reports and
 * metrics give b.
 */
export function latencyBonus(lambda: number, b: number): number {
  return lambda * (b + 1);
}

/** A factorization that a game came to, and its content hash. */
export interface Rewarded {
  readonly factorization: VerifiedFactorization;
  readonly hash: string;
}

/**
 * What a measurement came to: the bonus; `lost` if infrastructure lost it, and the game is dropped from the replay; undefined if none
 * was made or nothing was learnt, and the estimate stays.
 */
export type MeasuredBonus = number | 'lost' | undefined;

/** The bonus of games: estimated now, measured later, or known already. */
export interface Reward {
  /** Whether the bonus is 0 for every game, so that nothing needs to be estimated or measured. */
  readonly isPlain: boolean;
  /** Estimates the bonus at once. Undefined is a game that ran out of moves: the lowest bonus there is. */
  estimate(factorization: VerifiedFactorization | undefined): number;
  /**
   * Measures the bonus while training goes on. When it arrives it changes the value targets of the games that ended with the
   * factorization, and the factorization's own place among the best. Called for each that a game came to, known ones too: whoever
   * measures keeps what it has by `hash`. A rejected promise ends the run with its error.
   */
  measure(found: Rewarded): Promise<MeasuredBonus>;
  /** Tells the bonus that was measured already, by an earlier part of a resumed run too; undefined if there is none. */
  known(hash: string): number | undefined;
}

/** Adds nothing: r' = r, the reward of a training without devices. */
export const PLAIN_REWARD: Reward = {
  isPlain: true,
  estimate: () => 0,
  measure: async () => undefined,
  known: () => undefined,
};
