import type { RatioEstimate } from './statistics.js';

// Where "faster" is decided: by the agent that measured, and again by the trainer, which believes no agent.

/** Describes what a candidate was timed against. */
export interface Baseline {
  /** Whether it is a BLAS library. */
  readonly thirdParty: boolean;
  /** The name in a sentence. */
  readonly name: string;
  readonly gflops: number;
  /** 0: unknown, as on accelerators. */
  readonly peakGflops: number;
}

/** The share of the multiply-add peak below which a baseline is flagged and not claimed as beaten. */
export const MIN_BASELINE_SHARE_OF_PEAK = 0.8;

/**
 * Bounds the baseline's share of the peak. No GEMM is faster than the peak, so a share above this is more than noise.
 */
export const MAX_BASELINE_SHARE_OF_PEAK = 1.05;

/** Says in one clause why nothing is called faster than this baseline. Undefined: it is a fair one. */
export function baselineDoubt({ thirdParty, name, gflops, peakGflops }: Baseline): string | undefined {
  if (!thirdParty) return `the baseline is ${name}, not a BLAS library: no speed-up is claimed`;
  if (peakGflops === 0) return 'the multiply-add peak is unknown: nothing is called faster';
  const share = gflops / peakGflops;
  if (share < MIN_BASELINE_SHARE_OF_PEAK) {
    // Rounded down, so that 79.6 % is not shown as 80 %, the share that it misses.
    const reached = percent(Math.floor(100 * share) / 100);
    return `the baseline reaches ${reached} of the multiply-add peak, below ${percent(MIN_BASELINE_SHARE_OF_PEAK)}`;
  }
  if (share > MAX_BASELINE_SHARE_OF_PEAK) {
    return `the baseline reaches ${percent(share)} of the multiply-add peak, so the peak was disturbed and the true share is unknown`;
  }
  return undefined;
}

/** Bounds a control's interval, high over low. A wider one has seen too little to say that there is no difference. */
const WIDEST_CONTROL = 1.1;

/**
 * Computes the speed-up, from 1 on, that the control finds between the baseline and itself, in either direction. It is
 * 1 if none is seen. If the interval is too wide to tell, it is the largest difference that the interval allows.
 */
export function controlDifference({ estimate, low, high }: RatioEstimate): number {
  if (low > 1 || high < 1) return Math.max(estimate, 1 / estimate);
  return high <= WIDEST_CONTROL * low ? 1 : Math.max(high, 1 / low);
}

/**
 * Flags a control that finds a difference although there is none, or that could not tell. The flag says that smaller
 * differences mean little.
 */
export function controlFlags(control: RatioEstimate): string[] {
  const difference = controlDifference(control);
  if (difference === 1) return [];
  const interval = `${control.low.toFixed(3)}–${control.high.toFixed(3)}`;
  return [
    `the baseline against itself shows ${control.estimate.toFixed(3)} (${interval}): differences up to ${difference.toFixed(3)} mean nothing now`,
  ];
}

/**
 * Tells whether an interval above 1 counts as faster and, if it does not, why, in one clause. For other intervals it
 * says nothing.
 * @param doubt of the baseline
 * @param control the baseline against itself; undefined: it was not timed
 */
export function claim(
  speedup: RatioEstimate | null | undefined,
  doubt: string | undefined,
  control: RatioEstimate | undefined,
): { fasterThanBaseline: boolean; notClaimedBecause: string } {
  if (!speedup || speedup.low <= 1) return { fasterThanBaseline: false, notClaimedBecause: '' };
  if (control === undefined) {
    const notClaimedBecause = doubt ?? 'the baseline was not timed against itself';
    return { fasterThanBaseline: false, notClaimedBecause };
  }
  const difference = controlDifference(control);
  const reason =
    doubt ??
    (speedup.low > difference
      ? ''
      : `the interval begins at ${speedup.low.toFixed(3)}, and the baseline differs from itself by up to ${percent(difference - 1)}`);
  return { fasterThanBaseline: reason === '', notClaimedBecause: reason };
}

/** Writes 0.87 as `87 %`. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}
