import type { Interval, StopReason } from '@alphatensor-edge/proto';
import type { ResolvedProtocol } from './protocol.js';

/** The multiple of the minimum of rounds after which noise may end the measurement. */
const PLATEAU_AFTER = 3;
/**
 * Marks a plateau. Doubling the rounds should shrink an interval to 0.71 of its width; one that keeps this share is
 * limited by drift.
 */
const PLATEAU_SHARE = 0.95;

/** Holds what has been seen so far. */
interface Progression {
  /** The running estimate after each round, from the first round on. */
  readonly estimates: readonly Interval[];
  readonly elapsedSeconds: number;
}

/**
 * Tells whether to stop measuring, and why. Undefined means one more round, and is always given before the minimum of
 * rounds. The function is pure; the caller has the clock. It follows NVBench's stdrel criterion, with the confidence
 * interval in place of the deviation.
 */
export function stopReason(
  { estimates, elapsedSeconds }: Progression,
  protocol: ResolvedProtocol,
): StopReason | undefined {
  const rounds = estimates.length;
  if (rounds < protocol.minRounds) return undefined;
  // The bound on rounds still holds, because each round costs memory and a bootstrap.
  if (rounds < protocol.maxRounds && elapsedSeconds < protocol.minMeasuringSeconds) return undefined;
  const width = relativeHalfWidth(estimates[rounds - 1]);
  if (width <= protocol.targetRelativeHalfWidth) return 'STOP_REASON_CONVERGED';
  if (rounds >= protocol.maxRounds) return 'STOP_REASON_MAX_ROUNDS';
  if (elapsedSeconds >= protocol.budgetSeconds) return 'STOP_REASON_BUDGET';
  const half = estimates[Math.floor(rounds / 2) - 1];
  if (rounds >= PLATEAU_AFTER * protocol.minRounds && width >= PLATEAU_SHARE * relativeHalfWidth(half)) {
    return 'STOP_REASON_NOISE_PLATEAU';
  }
  return undefined;
}

/** Computes half the interval's width as a share of its estimate. */
function relativeHalfWidth({ estimate, low, high }: Interval): number {
  return (high - low) / (2 * estimate);
}
