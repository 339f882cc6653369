// Means with 95 % bootstrap intervals, as the benchmarks of the latency print them.
import { Random } from '../../shared/dist/index.js';

export function mean(all) {
  return all.reduce((sum, value) => sum + value, 0) / all.length;
}

/** The mean of the samples and the interval of its bootstrap (1000 resamples, seeded). */
export function meanWithInterval(samples) {
  if (samples.length === 0) return { mean: null, low: null, high: null, count: 0 };
  const random = new Random('interval');
  const means = Array.from({ length: 1000 }, () => mean(samples.map(() => samples[random.int(samples.length)])));
  means.sort((a, b) => a - b);
  return { mean: mean(samples), low: means[25], high: means[974], count: samples.length };
}

export function text({ mean: centre, low, high, count }) {
  return count === 0 ? 'none' : `${centre.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)}, ${count})`;
}

/**
 * The ratio of what one arm of an experiment came to over another, paired by seed.
 * @param runs one { seed, arm, time } for each seed and arm
 * @returns the geometric mean with Student's 95 % interval of its logarithm
 */
export function pairedEffect(runs, arm, other) {
  const timeOf = (seed, name) => runs.find((run) => run.seed === seed && run.arm === name).time;
  const seeds = [...new Set(runs.map(({ seed }) => seed))];
  const logs = seeds.map((seed) => Math.log(timeOf(seed, arm) / timeOf(seed, other)));
  const centre = mean(logs);
  const deviation = Math.sqrt(logs.reduce((sum, log) => sum + (log - centre) ** 2, 0) / (logs.length - 1));
  const half = (studentQuantile(logs.length - 1) * deviation) / Math.sqrt(logs.length);
  return { ratio: Math.exp(centre), low: Math.exp(centre - half), high: Math.exp(centre + half) };
}

/** The 97.5 % quantile of Student's distribution. */
function studentQuantile(degrees) {
  return [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262][degrees - 1] ?? 1.96;
}
