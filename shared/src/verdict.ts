import { type Baseline, baselineDoubt, claim, controlFlags, percent } from './claim.js';
import { errorFault } from './error-fault.js';
import { median, pairedRatio, type RatioEstimate } from './statistics.js';

// What follows from the raw samples of a measurement and its circumstances. The agent computes it, and the trainer computes it
// again from what it was sent.

/** The drift from which on it is flagged. */
const MAX_DRIFT = 0.05;

/** Holds what a measurement's figures follow from. */
export interface Evidence {
  /** Seconds for one product, one entry for each round; the same index is the same round. */
  readonly baselineSeconds: readonly number[];
  readonly candidateSeconds: readonly number[];
  /** Empty unless it was timed. */
  readonly ownGemmSeconds: readonly number[];
  /** The seed of the bootstrap. */
  readonly seed: number;
  /** Whether the candidate is the baseline itself. */
  readonly isControl: boolean;
  /** Whether the device was kept busy for a time that was asked for. */
  readonly isSustained: boolean;
  readonly baseline: Baseline;
  /** The baseline timed against itself. Undefined: it was not. */
  readonly control: RatioEstimate | undefined;
  /** Why the rounds ended, as on the wire. */
  readonly stopReason: string;
  /** Number of threads that were asked for. */
  readonly threads: number;
  /** Number of threads that the baseline kept busy. Undefined on an accelerator. */
  readonly baselineThreads: number | undefined;
  readonly relativeError: number;
  /** The product of the levels' error growths. */
  readonly growth: number;
  /** Undefined: unknown. */
  readonly predictedRelativeError: number | undefined;
}

/** Holds the figures, the claim and the flags that follow from the evidence. */
export interface Verdict {
  /** baseline / candidate. */
  readonly speedup: RatioEstimate;
  readonly ownGemmSpeedup: RatioEstimate | undefined;
  /** baseline / candidate over the last third of the rounds. */
  readonly sustainedSpeedup: RatioEstimate | undefined;
  /** ln(last third / first third) of the baseline's samples. */
  readonly drift: number;
  readonly fasterThanBaseline: boolean;
  /** Why an interval above 1 is not called faster, one clause; else empty. */
  readonly notClaimedBecause: string;
  /** What a reader must know before believing the figures, one clause each. */
  readonly flags: readonly string[];
}

/**
 * Computes the figures, the claim and the flags of a measurement.
 * @throws AlphaTensorError INVALID_ARGUMENT if the samples are empty, not paired or not positive
 */
export function verdictOn(evidence: Evidence): Verdict {
  const { baselineSeconds, candidateSeconds, ownGemmSeconds, seed, control } = evidence;
  const { threads, baselineThreads, relativeError, growth, predictedRelativeError } = evidence;
  const speedup = pairedRatio(baselineSeconds, candidateSeconds, { seed });
  const drift = driftOf(baselineSeconds);
  const doubt = baselineDoubt(evidence.baseline);
  const fault = errorFault(relativeError, growth, predictedRelativeError);
  const isWide = evidence.stopReason === 'STOP_REASON_NOISE_PLATEAU' || evidence.stopReason === 'STOP_REASON_BUDGET';
  return {
    speedup,
    ownGemmSpeedup: ownGemmSeconds.length > 0 ? pairedRatio(baselineSeconds, ownGemmSeconds, { seed }) : undefined,
    sustainedSpeedup: evidence.isSustained ? speedupOfLastThird(baselineSeconds, candidateSeconds, seed) : undefined,
    drift,
    // The baseline against itself is not a candidate.
    ...claim(evidence.isControl ? undefined : speedup, doubt, control),
    flags: [
      ...(doubt === undefined ? [] : [doubt]),
      ...(baselineThreads === undefined || baselineThreads === threads
        ? []
        : [`the baseline used ${baselineThreads} of ${threads} threads`]),
      ...(Math.abs(drift) > MAX_DRIFT
        ? [`the device drifted by ${percent(Math.expm1(drift))} during the measurement`]
        : []),
      ...(isWide ? ['the interval is wider than the target'] : []),
      ...(control === undefined ? [] : controlFlags(control)),
      ...(fault === undefined ? [] : [fault]),
    ],
  };
}

/** Computes baseline / candidate over the last third of the rounds (rounded up): the speed-up that is left under a long load. */
export function speedupOfLastThird(
  baselineSeconds: readonly number[],
  candidateSeconds: readonly number[],
  seed: number,
): RatioEstimate {
  const lastThird = -Math.ceil(baselineSeconds.length / 3);
  return pairedRatio(baselineSeconds.slice(lastThird), candidateSeconds.slice(lastThird), { seed });
}

/** Computes ln(last third / first third) of the samples. */
function driftOf(samples: readonly number[]): number {
  const third = Math.max(1, Math.floor(samples.length / 3));
  return Math.log(median(samples.slice(-third)) / median(samples.slice(0, third)));
}
