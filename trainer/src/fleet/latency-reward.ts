import type { Outcome } from '@alphatensor-edge/proto';
import { errorRatio, isWithin } from './error-bound.js';

/** Bounds the latency term by default: an algorithm four times slower than the baseline is as bad as none. */
export const DEFAULT_B_MAX = 4;

/** Tells what a measurement means for a game's reward. */
type LatencyReward =
  /** The term b of r' = r + lambda * b, without lambda; -bMax <= b < 0. */
  | { readonly kind: 'reward'; readonly b: number }
  /** A fault of this program, reported loudly. The game gets no latency term. */
  | { readonly kind: 'fault'; readonly message: string }
  /** Nothing was learnt about the algorithm. The game gets no latency term. */
  | { readonly kind: 'none'; readonly reason: string };

/** Gives the latency term of a game that ended unsolved at the move limit. No unsolved game outscores a solved one. */
export function unsolvedReward(bMax: number = DEFAULT_B_MAX): LatencyReward {
  return { kind: 'reward', b: -bMax };
}

/** Bounds the latency term. */
interface LatencyBounds {
  readonly bMax?: number | undefined;
  /** Largest multiple of the error of a plain product (error-bound.ts); default null: any. */
  readonly maxError?: number | null | undefined;
}

/**
 * Gives the latency term of a solved game from the outcome on the device: b = -min(t / t_baseline, bMax), where
 * t / t_baseline = 1 / speed-up. It is -bMax if the algorithm ran out of memory or time, or exceeded the error bound: the agent's,
 * or `maxError`.
 */
export function latencyReward(
  outcome: Outcome,
  { bMax = DEFAULT_B_MAX, maxError = null }: LatencyBounds = {},
): LatencyReward {
  switch (outcome.kind) {
    case 'OUTCOME_KIND_MEASURED': {
      const ratio = relativeTime(outcome);
      if (ratio === undefined) {
        return {
          kind: 'fault',
          message: 'The agent says MEASURED, but the speed-up is missing or not a positive number.',
        };
      }
      const isAccurate = isWithin(maxError, outcome.measurement ? errorRatio(outcome.measurement) : undefined);
      return { kind: 'reward', b: isAccurate ? -Math.min(ratio, bMax) : -bMax };
    }
    case 'OUTCOME_KIND_OUT_OF_MEMORY':
    case 'OUTCOME_KIND_TIMEOUT':
      return { kind: 'reward', b: -bMax };
    case 'OUTCOME_KIND_WRONG_RESULT':
      return outcome.overErrorBound ? { kind: 'reward', b: -bMax } : fault(outcome);
    case 'OUTCOME_KIND_COMPILE_FAILED':
    case 'OUTCOME_KIND_CRASHED':
      return fault(outcome);
    case 'OUTCOME_KIND_UNSUPPORTED':
      return { kind: 'none', reason: outcome.message || 'The device does not support this job.' };
    case 'OUTCOME_KIND_CANCELLED':
      return { kind: 'none', reason: outcome.message || 'The job was cancelled.' };
    case 'OUTCOME_KIND_UNSPECIFIED':
      // A stored answer that is not believed (outcome-check.ts).
      return { kind: 'none', reason: outcome.message || 'The answer is not believed.' };
  }
}

/** Computes t / t_baseline of a measured outcome; undefined for any other, or if the speed-up is not a positive number. */
export function relativeTime(outcome: Outcome): number | undefined {
  const speedup = outcome.kind === 'OUTCOME_KIND_MEASURED' ? outcome.measurement?.speedup?.estimate : undefined;
  return speedup !== undefined && Number.isFinite(speedup) && speedup > 0 ? 1 / speedup : undefined;
}

function fault({ kind, message, jobId }: Outcome): LatencyReward {
  const name = kind.replace('OUTCOME_KIND_', '');
  return { kind: 'fault', message: `Job ${jobId} ended with ${name}, which is a fault of ours: ${message}` };
}
