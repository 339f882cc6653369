import type { JobProblem } from './job.js';

/** Seconds of grace for anything, on a busy device. */
const GRACE_SECONDS = 20;
/** A run that takes so many times the vendor's is not worth waiting for: the reward is at its floor from 4 on. */
const TIMES_VENDOR = 20;
/** Operations a second that the slowest device is trusted with, before the vendor has been timed. */
const SLOWEST_FLOPS = 5e8;

/** How long to wait for each answer of the child before it is taken for hung, seconds. */
export interface Patience {
  /** Loading and allocating. */
  readonly start: number;
  /** The vendor's first run. */
  readonly first: number;
  /** Filling, copying, comparing. */
  readonly aside: number;
  /** So many runs in a row, given the vendor's time. */
  runs(vendorSeconds: number, count: number): number;
}

export function patienceFor({ m, k, n }: JobProblem, graceSeconds = GRACE_SECONDS): Patience {
  const elements = m * k + k * n + m * n;
  const aside = graceSeconds + elements / 1e6;
  return {
    start: aside,
    first: graceSeconds + (2 * m * k * n) / SLOWEST_FLOPS,
    aside,
    runs: (vendorSeconds, count) => graceSeconds + TIMES_VENDOR * vendorSeconds * count,
  };
}
