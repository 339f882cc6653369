import { parseArgs } from 'node:util';
import { countNonzeros, parseSize, present, Random } from '@alphatensor-edge/shared';
import { bootstrapInterval, intervalText, mean, meanWithInterval, sum } from '../common/figures.js';
import { machine } from '../common/machine.js';
import { count, oneOf, positive } from '../common/options.js';
import { DEFAULT_BACKEND, whyMissing } from './devices.js';
import { timesInOneSession } from './one-session.js';
import { sparseToDense } from './sparse-to-dense.js';

/** How much the time of an algorithm depends on its nonzeros on a real device: algorithms of one size and rank, from sparse to dense. */
export async function nonzeros(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      size: { type: 'string', default: '2,2,2' },
      backend: { type: 'string', default: DEFAULT_BACKEND },
      variant: { type: 'string' },
      problem: { type: 'string', default: '512' },
      dtype: { type: 'string', default: 'f32' },
      levels: { type: 'string', default: '1' },
      each: { type: 'string', default: '4' },
      seconds: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '1' },
      seed: { type: 'string', default: '1' },
    },
  });
  const size = parseSize(values.size);
  const edge = count('--problem', values.problem);
  const depth = count('--levels', values.levels);
  const dtype = oneOf('--dtype', ['f32', 'f64', 'f16', 'bf16'] as const, values.dtype);
  const problem = { m: edge, k: edge, n: edge, dtype, threads: 1 };
  const missing = values.backend === DEFAULT_BACKEND ? undefined : await whyMissing(values.backend);
  if (missing !== undefined) {
    console.log(`skipped: ${values.backend} does not work on this machine (${missing})`);
    return;
  }
  const random = new Random(values.seed);
  const groups = sparseToDense(size, count('--each', values.each), random);
  const drawn = random.shuffle(groups.flatMap(({ members }) => members));
  const times = await timesInOneSession(drawn, {
    problem,
    depth,
    backend: values.backend,
    ...present({ variant: values.variant }),
    seconds: positive('--seconds', values.seconds),
    rounds: count('--rounds', values.rounds),
    random,
  });
  const samples = drawn.map((factorization, index) => ({ nonzeros: countNonzeros(factorization), time: times[index] }));
  const rows = groups.map(({ members }) => {
    const counts = members.map(countNonzeros);
    const ofGroup = drawn.flatMap((each, index) => (members.includes(each) ? [times[index]] : []));
    return { fewest: Math.min(...counts), most: Math.max(...counts), ...meanWithInterval(ofGroup) };
  });
  const slope = { mean: slopeOf(samples), ...bootstrapInterval(samples, slopeOf) };
  if (values.json) {
    console.log(JSON.stringify({ machine: machine(), ...values, problem, rows, slope }, null, 2));
    return;
  }
  console.log(
    `${values.size}, ${values.backend}, ${values.variant ?? "the backend's own variant"}, ${edge} ${dtype}, ${depth} level(s): ` +
      'mean t / t_baseline (95 % interval, algorithms)',
  );
  for (const row of rows) {
    const { fewest, most } = row;
    console.log(`${fewest === most ? fewest : `${fewest} to ${most}`} nonzeros: ${intervalText(row)}`);
  }
  const [centre, low, high] = [slope.mean, slope.low, slope.high].map((value) => value.toFixed(5));
  console.log(`one nonzero more: ${centre} (${low} to ${high}) of t_baseline`);
}

/** Least squares of the time over the nonzeros. */
function slopeOf(samples: readonly { readonly nonzeros: number; readonly time: number }[]): number {
  const x = mean(samples.map((sample) => sample.nonzeros));
  const y = mean(samples.map(({ time }) => time));
  const covariance = sum(samples.map((sample) => (sample.nonzeros - x) * (sample.time - y)));
  return covariance / sum(samples.map((sample) => (sample.nonzeros - x) ** 2));
}
