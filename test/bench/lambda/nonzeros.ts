import { parseArgs } from 'node:util';
import { Random } from '@alphatensor-edge/shared';
import { bootstrapInterval, intervalText, mean, meanWithInterval, sum } from '../common/figures.js';
import { machine } from '../common/machine.js';
import { count, oneOf, positive } from '../common/options.js';
import { timesInOneSession } from './one-session.js';
import { strassenImages } from './strassen-images.js';

/**
 * How much the time of an algorithm depends on its nonzeros on a real device: algorithms of <2,2,2> with rank 7, some of
 * each number of nonzeros that images of Strassen's under bases with entries -1, 0, 1 have.
 */
export async function nonzeros(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      variant: { type: 'string', default: 'packed' },
      problem: { type: 'string', default: '512' },
      dtype: { type: 'string', default: 'f32' },
      levels: { type: 'string', default: '1' },
      each: { type: 'string', default: '4' },
      seconds: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '1' },
      seed: { type: 'string', default: '1' },
    },
  });
  const size = count('--problem', values.problem);
  const depth = count('--levels', values.levels);
  const each = count('--each', values.each);
  const dtype = oneOf('--dtype', ['f32', 'f64', 'f16', 'bf16'] as const, values.dtype);
  const problem = { m: size, k: size, n: size, dtype, threads: 1 };
  const random = new Random(values.seed);
  const images = random.shuffle(strassenImages());
  const counts = [...new Set(images.map((image) => image.nonzeros))].sort((a, b) => a - b);
  const ofEach = counts.map((so) => images.filter((image) => image.nonzeros === so).slice(0, each));
  const drawn = random.shuffle(ofEach.flat());
  const times = await timesInOneSession(
    drawn.map(({ factorization }) => factorization),
    {
      problem,
      depth,
      variant: values.variant,
      seconds: positive('--seconds', values.seconds),
      rounds: count('--rounds', values.rounds),
      random,
    },
  );
  const samples = drawn.map((image, index) => ({ nonzeros: image.nonzeros, time: times[index] }));
  const rows = counts.map((so) => ({
    nonzeros: so,
    ...meanWithInterval(samples.filter((sample) => sample.nonzeros === so).map(({ time }) => time)),
  }));
  const slope = { mean: slopeOf(samples), ...bootstrapInterval(samples, slopeOf) };
  if (values.json) {
    console.log(JSON.stringify({ machine: machine(), ...values, problem, rows, slope }, null, 2));
    return;
  }
  console.log(
    `${values.variant}, ${size} ${dtype}, ${depth} level(s): mean t / t_baseline (95 % interval, algorithms)`,
  );
  for (const row of rows) console.log(`${row.nonzeros} nonzeros: ${intervalText(row)}`);
  const [centre, low, high] = [slope.mean, slope.low, slope.high].map((value) => value.toFixed(4));
  console.log(`one nonzero more: ${centre} (${low} to ${high}) of t_baseline`);
}

/** Least squares of the time over the nonzeros. */
function slopeOf(samples: readonly { readonly nonzeros: number; readonly time: number }[]): number {
  const x = mean(samples.map((sample) => sample.nonzeros));
  const y = mean(samples.map(({ time }) => time));
  const covariance = sum(samples.map((sample) => (sample.nonzeros - x) * (sample.time - y)));
  return covariance / sum(samples.map((sample) => (sample.nonzeros - x) ** 2));
}
