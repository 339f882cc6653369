/** Sets how much may wait on the server. What is full pushes back: actors wait until there is room. */
export interface QueueLimits {
  /** The most games that wait, and the most of one actor. */
  readonly games: number;
  readonly gamesOfOne: number;
  readonly bytes: number;
  /** Milliseconds after which a game that was given to a learner is given again. */
  readonly ackWaitMs: number;
  /** How often a game is given to a learner before it is given up. */
  readonly deliveries: number;
}

export const DEFAULT_LIMITS: QueueLimits = {
  games: 4000,
  gamesOfOne: 1000,
  bytes: 256 * 1024 * 1024,
  ackWaitMs: 30_000,
  deliveries: 10,
};
