import type { Measurement } from '@alphatensor-edge/proto';
import { median, pairedRatio, type RatioEstimate } from '@alphatensor-edge/shared';
import type { ProblemSpec } from '../fleet/measurement.js';

/** Holds raw samples, seconds for one product. The same index is the same round. */
export interface Samples {
  readonly baselineSeconds: readonly number[];
  readonly candidateSeconds: readonly number[];
  /** Empty unless it was asked for. */
  readonly ownGemmSeconds: readonly number[];
}

/** Holds the figures that follow from the raw samples and the seed alone. */
export interface SampleFigures {
  /** baseline / candidate. */
  readonly speedup: RatioEstimate;
  /** baseline / own GEMM: the gain of the engine without the algorithm. */
  readonly ownGemmSpeedup: RatioEstimate | null;
  /** own GEMM / candidate: the gain of the algorithm on the same engine. */
  readonly overOwnGemm: RatioEstimate | null;
  readonly baselineMedianSeconds: number;
  readonly candidateMedianSeconds: number;
  readonly ownGemmMedianSeconds: number | null;
  /** 2 M K N / median time / 1e9. It counts the work of the schoolbook product, even for algorithms that do less. */
  readonly baselineGflops: number;
  readonly candidateGflops: number;
}

export function samplesOf(measurement: Measurement): Samples {
  const { baselineSeconds, candidateSeconds, ownGemmSeconds } = measurement;
  return { baselineSeconds, candidateSeconds, ownGemmSeconds };
}

/**
 * Recomputes every figure about time from the samples. `seed` is the protocol's.
 * @throws AlphaTensorError INVALID_ARGUMENT if the samples are empty, not paired or not positive
 */
export function figuresFromSamples(samples: Samples, seed: number, problem: ProblemSpec): SampleFigures {
  const { baselineSeconds, candidateSeconds, ownGemmSeconds } = samples;
  const gflop = (2 * problem.m * problem.k * problem.n) / 1e9;
  const own = ownGemmSeconds.length > 0;
  const ratio = (over: readonly number[], under: readonly number[]): RatioEstimate =>
    pairedRatio(over, under, { seed });
  const baselineMedianSeconds = median(baselineSeconds);
  const candidateMedianSeconds = median(candidateSeconds);
  return {
    speedup: ratio(baselineSeconds, candidateSeconds),
    ownGemmSpeedup: own ? ratio(baselineSeconds, ownGemmSeconds) : null,
    overOwnGemm: own ? ratio(ownGemmSeconds, candidateSeconds) : null,
    baselineMedianSeconds,
    candidateMedianSeconds,
    ownGemmMedianSeconds: own ? median(ownGemmSeconds) : null,
    baselineGflops: gflop / baselineMedianSeconds,
    candidateGflops: gflop / candidateMedianSeconds,
  };
}

/** Computes baseline / candidate over the last third of the rounds (rounded up): the speed-up that is left under a long load. */
export function speedupOfLastThird({ baselineSeconds, candidateSeconds }: Samples, seed: number): RatioEstimate {
  const third = -Math.ceil(baselineSeconds.length / 3);
  return pairedRatio(baselineSeconds.slice(third), candidateSeconds.slice(third), { seed });
}

/** Tells whether two intervals are equal except for rounding (relative 1e-9). */
export function sameInterval(a: RatioEstimate, b: RatioEstimate): boolean {
  const close = (x: number, y: number): boolean => Math.abs(x - y) <= 1e-9 * Math.max(Math.abs(x), Math.abs(y));
  return close(a.estimate, b.estimate) && close(a.low, b.low) && close(a.high, b.high);
}
