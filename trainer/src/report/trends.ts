import { median, quantile, Random, type RatioEstimate, resampledMedians } from '@alphatensor-edge/shared';
import type { MeasurementRow } from '../fleet/measurement.js';
import type { Sourced } from './sourced.js';

/** Holds how the newest job of an algorithm compares with those before it on the same device. */
export interface Trend {
  readonly deviceId: string;
  readonly problem: MeasurementRow['problem'];
  readonly label: string;
  readonly backend: string;
  readonly variant: string;
  /** Speed-ups of the earlier jobs, oldest first. */
  readonly earlier: readonly number[];
  readonly newest: number;
  /** The newest over the median of the earlier ones, with a 95 % interval. */
  readonly change: RatioEstimate;
  /** The change in standard deviations between the earlier jobs, of the logarithms; null: they do not differ. */
  readonly deviations: number | null;
  readonly hasRegressed: boolean;
}

/** Fewest earlier jobs that show what is usual. */
export const FEWEST_EARLIER = 3;
/** Least loss that counts, so that a certain but tiny one does not stop anybody. */
export const LEAST_LOSS = 0.02;

const RESAMPLES = 1000;
/** Makes the median absolute deviation of normal values their standard deviation (Rousseeuw & Croux, JASA 88 (1993)). */
const MAD_TO_SD = 1.4826;

/**
 * Compares the newest job of each algorithm with the median of the `last` jobs before it, on the same device and problem with the same
 * program. The interval is a bootstrap in two steps, jobs and then the rounds of each, so that it holds both the noise inside a job and
 * that between jobs (Kalibera & Jones, "Rigorous benchmarking in reasonable time", 2013). A regression is an interval below 1 and a
 * loss of at least LEAST_LOSS. Algorithms with fewer than FEWEST_EARLIER earlier jobs are left out.
 */
export function trendsOf(jobs: readonly Sourced[], last: number): Trend[] {
  const byAlgorithm = new Map<string, MeasurementRow[]>();
  for (const { row } of jobs) {
    if (row.algorithm.levels.length === 0 || logRatios(row).length === 0) continue;
    const { deviceId, problem, backend, variant, algorithm } = row;
    const { m, k, n, dtype, threads, transposed } = problem;
    const key = JSON.stringify([
      deviceId,
      m,
      k,
      n,
      dtype,
      threads,
      transposed,
      backend,
      variant,
      algorithm.levels,
      algorithm.arithmetic,
    ]);
    byAlgorithm.set(key, [...(byAlgorithm.get(key) ?? []), row]);
  }
  return [...byAlgorithm.values()].flatMap((rows) => {
    const inOrder = rows.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1)).slice(-last - 1);
    return inOrder.length <= FEWEST_EARLIER ? [] : [trendOf(inOrder)];
  });
}

function trendOf(rows: readonly MeasurementRow[]): Trend {
  const newest = rows[rows.length - 1];
  const samples = rows.map(logRatios);
  const centres = samples.map((sample) => median(sample));
  const earlier = centres.slice(0, -1);
  const change = Math.exp(centres[centres.length - 1] - median(earlier));
  const interval = bootstrap(samples, newest.jobId).map(Math.exp);
  const deviation = MAD_TO_SD * median(earlier.map((centre) => Math.abs(centre - median(earlier))));
  const high = quantile(interval, 0.975);
  const { deviceId, problem, backend, variant, algorithm } = newest;
  return {
    ...{ deviceId, problem, backend, variant, label: algorithm.label },
    earlier: earlier.map(Math.exp),
    newest: Math.exp(centres[centres.length - 1]),
    change: { estimate: change, low: quantile(interval, 0.025), high },
    deviations: deviation === 0 ? null : Math.log(change) / deviation,
    hasRegressed: high < 1 && change <= 1 - LEAST_LOSS,
  };
}

/** Draws the logarithm of the change RESAMPLES times. The last of `samples` is the newest job. */
function bootstrap(samples: readonly Float64Array[], seed: string): number[] {
  const random = new Random(seed);
  const medians = samples.map((sample) => resampledMedians(sample, RESAMPLES, random));
  const newest = medians[medians.length - 1];
  const earlier = medians.slice(0, -1);
  return Array.from(newest, (centre, index) => {
    const drawn = earlier.map(() => earlier[random.int(earlier.length)][index]);
    return centre - median(drawn);
  });
}

/** Computes the logarithms of a job's paired ratios, ascending; none if it has no samples that can be used. */
function logRatios({ outcome: { measurement } }: MeasurementRow): Float64Array {
  const { baselineSeconds = [], candidateSeconds = [] } = measurement ?? {};
  if (baselineSeconds.length !== candidateSeconds.length) return new Float64Array();
  const ratios = baselineSeconds.map((seconds, index) => Math.log(seconds / candidateSeconds[index]));
  return ratios.every(Number.isFinite) ? Float64Array.from(ratios).sort() : new Float64Array();
}
