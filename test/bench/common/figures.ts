import { Random } from '@alphatensor-edge/shared';

// Figures as people read them, and intervals.

/** @param share from 0 to 1 */
export function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
}

/** Three significant digits. */
export function figure(value: number): string {
  return value >= 100 ? Math.round(value).toString() : value.toPrecision(3);
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

export function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

/** A mean with its interval; of nothing, null. */
export interface MeanInterval {
  readonly mean: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly count: number;
}

/** The mean of the samples and the 95 % interval of its bootstrap (1000 resamples, seeded). */
export function meanWithInterval(samples: readonly number[]): MeanInterval {
  if (samples.length === 0) return { mean: null, low: null, high: null, count: 0 };
  return { mean: mean(samples), ...bootstrapInterval(samples, mean), count: samples.length };
}

/** The 95 % interval of a statistic from samples drawn again (1000 times, seeded). */
export function bootstrapInterval<Sample>(
  samples: readonly Sample[],
  statistic: (drawn: readonly Sample[]) => number,
): { readonly low: number; readonly high: number } {
  const random = new Random('interval');
  const again = Array.from({ length: 1000 }, () => statistic(samples.map(() => samples[random.int(samples.length)])));
  again.sort((a, b) => a - b);
  return { low: again[25], high: again[974] };
}

export function intervalText({ mean: centre, low, high, count }: MeanInterval): string {
  if (centre === null || low === null || high === null) return 'none';
  return `${centre.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)}, ${count})`;
}

/** What one arm of an experiment came to with one seed. */
export interface ArmTime {
  readonly seed: number;
  readonly arm: string;
  readonly time: number;
}

/** A ratio with its 95 % interval. */
export interface Effect {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The ratio of what one arm of an experiment came to over another, paired by seed: the geometric mean with Student's 95 %
 * interval of its logarithm.
 * @param runs one for each seed and arm
 */
export function pairedEffect(runs: readonly ArmTime[], arm: string, other: string): Effect {
  const timeOf = (seed: number, name: string): number => {
    const run = runs.find((each) => each.seed === seed && each.arm === name);
    if (run === undefined) throw new Error(`Seed ${seed} has no arm ${name}.`);
    return run.time;
  };
  const seeds = [...new Set(runs.map(({ seed }) => seed))];
  const logs = seeds.map((seed) => Math.log(timeOf(seed, arm) / timeOf(seed, other)));
  const centre = mean(logs);
  const deviation = Math.sqrt(sum(logs.map((log) => (log - centre) ** 2)) / (logs.length - 1));
  const half = (studentQuantile(logs.length - 1) * deviation) / Math.sqrt(logs.length);
  return { ratio: Math.exp(centre), low: Math.exp(centre - half), high: Math.exp(centre + half) };
}

export function effectText({ ratio, low, high }: Effect): string {
  return `${ratio.toFixed(4)} (${low.toFixed(4)} to ${high.toFixed(4)})`;
}

/** The 97.5 % quantile of Student's distribution. */
function studentQuantile(degrees: number): number {
  return [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262][degrees - 1] ?? 1.96;
}
