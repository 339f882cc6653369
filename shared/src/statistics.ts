import { AlphaTensorError } from './errors.js';
import { Random } from './random.js';

/**
 * Computes the q-quantile, linear between the order statistics (definition 7 of Hyndman & Fan, "Sample quantiles in
 * statistical packages", 1996). `values` in any order, left as it is.
 * @throws AlphaTensorError INVALID_ARGUMENT if `values` is empty or holds NaN, or q is outside [0, 1]
 */
export function quantile(values: ArrayLike<number>, q: number): number {
  return quantileOfSorted(sorted(values), q);
}

/** Computes the arithmetic mean; NaN of none. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Finds the middle value, or the mean of the two middle ones. @throws AlphaTensorError INVALID_ARGUMENT if empty or NaN */
export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

export interface RatioEstimate {
  /** exp(median of the ln ratios). */
  readonly estimate: number;
  /** Ends of the two-sided confidence interval. */
  readonly low: number;
  readonly high: number;
}

export interface BootstrapOptions {
  /** The same seed and pairs give the same interval. */
  readonly seed: number | string;
  /** Default 2000: agent and report use it, so that a stored interval comes out again from its samples. */
  readonly resamples?: number | undefined;
  /** Default 0.95. */
  readonly confidence?: number | undefined;
}

/**
 * Estimates the typical ratio numerators[i] / denominators[i] of paired positive samples, for example baseline time over candidate
 * time: exp(median of ln ratios), with a percentile-bootstrap interval that resamples the pairs (Efron, "Bootstrap
 * methods: another look at the jackknife", 1979; for speed-ups: Kalibera & Jones, "Rigorous benchmarking in reasonable
 * time", 2013). The order of the pairs is irrelevant. A single pair says nothing about noise: its interval is a point.
 *
 * O(resamples * pairs): 2000 x 200 takes a few milliseconds.
 * @throws AlphaTensorError INVALID_ARGUMENT if there are no pairs, the lengths differ or a sample is not positive
 */
export function pairedRatio(
  numerators: ArrayLike<number>,
  denominators: ArrayLike<number>,
  { seed, resamples = 2000, confidence = 0.95 }: BootstrapOptions,
): RatioEstimate {
  requireSome(numerators);
  if (numerators.length !== denominators.length) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `Paired samples need equal counts, but there are ${numerators.length} and ${denominators.length}.`,
    );
  }
  const logRatios = Float64Array.from(
    numerators,
    (value, i) =>
      Math.log(requirePositive(value, `numerators[${i}]`)) -
      Math.log(requirePositive(denominators[i], `denominators[${i}]`)),
  ).sort();
  const medians = resampledMedians(logRatios, resamples, new Random(seed)).sort();
  const tail = (1 - confidence) / 2;
  return {
    estimate: Math.exp(quantileOfSorted(logRatios, 0.5)),
    low: Math.exp(quantileOfSorted(medians, tail)),
    high: Math.exp(quantileOfSorted(medians, 1 - tail)),
  };
}

/**
 * Computes medians of samples drawn with replacement from `ascending`. A resample is kept as a count for each order statistic,
 * so that its median is found by walking the counts, without sorting.
 */
export function resampledMedians(ascending: Float64Array, resamples: number, random: Random): Float64Array {
  const size = ascending.length;
  const counts = new Uint32Array(size);
  const medians = new Float64Array(resamples);
  for (let s = 0; s < resamples; s++) {
    counts.fill(0);
    for (let draw = 0; draw < size; draw++) counts[random.int(size)]++;
    let index = 0;
    let upTo = counts[0];
    while (upTo * 2 < size) upTo += counts[++index];
    const lower = ascending[index];
    // With an even size and the cut exactly between two drawn values, the median is their mean.
    if (upTo * 2 === size) {
      do index++;
      while (counts[index] === 0);
    }
    medians[s] = (lower + ascending[index]) / 2;
  }
  return medians;
}

function quantileOfSorted(ascending: Float64Array, q: number): number {
  if (!(q >= 0 && q <= 1)) {
    throw new AlphaTensorError('INVALID_ARGUMENT', `A quantile must be from 0 to 1, but is ${q}.`);
  }
  const position = q * (ascending.length - 1);
  const below = Math.floor(position);
  const above = Math.ceil(position);
  return ascending[below] + (position - below) * (ascending[above] - ascending[below]);
}

function sorted(values: ArrayLike<number>): Float64Array {
  requireSome(values);
  const copy = Float64Array.from(values).sort();
  // Typed arrays sort NaN to the end.
  if (Number.isNaN(copy[copy.length - 1])) {
    throw new AlphaTensorError('INVALID_ARGUMENT', 'A sample is not a number.');
  }
  return copy;
}

function requireSome(values: ArrayLike<number>): void {
  if (values.length === 0) throw new AlphaTensorError('INVALID_ARGUMENT', 'At least one sample is needed.');
}

function requirePositive(value: number, name: string): number {
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
    throw new AlphaTensorError('INVALID_ARGUMENT', `${name} must be a positive number, but is ${value}.`);
  }
  return value;
}
