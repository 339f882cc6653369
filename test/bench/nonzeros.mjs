// How much the time of an algorithm depends on its nonzeros on a real device: algorithms of <2,2,2> with rank 7, some of each number of
// nonzeros that images of Strassen's under bases with entries -1, 0, 1 have, in random order on at-agent here (c-gcc, one thread):
//   npm run bench:nonzeros -- [--json] [--variant packed|temporaries] [--problem 512] [--dtype f32] [--levels 1] [--each 4] [--seconds 1] [--rounds 1]
import { parseArgs } from 'node:util';
import { Random } from '../../shared/dist/index.js';
import { machine } from './common.mjs';
import { meanWithInterval, text } from './interval.mjs';
import { timesInOneSession } from './one-session.mjs';
import { strassenImages } from './strassen-images.mjs';

const { values } = parseArgs({
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
const [size, depth, each] = [values.problem, values.levels, values.each].map(Number);
const problem = { m: size, k: size, n: size, dtype: values.dtype, threads: 1 };
const random = new Random(values.seed);
const images = random.shuffle(strassenImages());
const counts = [...new Set(images.map(({ nonzeros }) => nonzeros))].sort((a, b) => a - b);
const ofEach = counts.map((count) => images.filter(({ nonzeros }) => nonzeros === count).slice(0, each));
const drawn = random.shuffle(ofEach.flat());

const times = await timesInOneSession(
  drawn.map(({ factorization }) => factorization),
  { problem, depth, variant: values.variant, seconds: Number(values.seconds), rounds: Number(values.rounds), random },
);
const samples = drawn.map(({ nonzeros }, index) => ({ nonzeros, time: times[index] }));
const rows = counts.map((nonzeros) => ({
  nonzeros,
  ...meanWithInterval(samples.filter((sample) => sample.nonzeros === nonzeros).map(({ time }) => time)),
}));
const slope = slopeOf(samples);
if (values.json) console.log(JSON.stringify({ machine: machine(), problem, ...values, rows, slope }, null, 2));
else {
  console.log(
    `${values.variant}, ${size} ${values.dtype}, ${depth} level(s): mean t / t_baseline (95 % interval, algorithms)`,
  );
  for (const row of rows) console.log(`${row.nonzeros} nonzeros: ${text(row)}`);
  console.log(
    `one nonzero more: ${slope.mean.toFixed(4)} (${slope.low.toFixed(4)} to ${slope.high.toFixed(4)}) of t_baseline`,
  );
}

/** Least squares of the time over the nonzeros, with an interval from samples drawn again. */
function slopeOf(all) {
  const fitted = (chosen) => {
    const centre = (key) => chosen.reduce((sum, sample) => sum + sample[key], 0) / chosen.length;
    const [x, y] = [centre('nonzeros'), centre('time')];
    const covariance = chosen.reduce((sum, { nonzeros, time }) => sum + (nonzeros - x) * (time - y), 0);
    return covariance / chosen.reduce((sum, { nonzeros }) => sum + (nonzeros - x) ** 2, 0);
  };
  const again = new Random('interval');
  const slopes = Array.from({ length: 1000 }, () => fitted(all.map(() => all[again.int(all.length)])));
  slopes.sort((a, b) => a - b);
  return { mean: fitted(all), low: slopes[25], high: slopes[974] };
}
