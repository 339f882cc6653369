// What a measurement costs beside compiling and measuring: one job again and again on a warm agent, in this process.
// Run after `npm run build`: node test/bench/overhead.mjs [--json] [--repeats N] [--size N] [--levels N] [--algorithm NAME]
import { loadavg } from 'node:os';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { benchmark } from '../../agent/dist/measure/benchmark.js';
import { resolveProtocol } from '../../agent/dist/measure/protocol.js';
import { Harness } from '../../agent/dist/toolchain/harness.js';
import { loadFactorization, quantile } from '../../shared/dist/index.js';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    repeats: { type: 'string', default: '30' },
    size: { type: 'string', default: '256' },
    levels: { type: 'string', default: '2' },
    algorithm: { type: 'string', default: 'winograd' },
  },
});
const size = Number(options.size);
const repeats = Number(options.repeats);
if (!(repeats >= 1 && size >= 1 && options.levels >= 1))
  throw new Error('--repeats, --size and --levels are at least 1.');

/** What the protocol demands of the child, by the method that asks for it. */
const MEASURING = {
  checks: ['fillIntegers', 'fillUniform', 'run', 'keep', 'compare', 'relativeError'],
  warmUp: ['warmUp', 'bindThreads'],
  peak: ['peakGflops'],
  samples: ['sample'],
};
/** Milliseconds of the job in progress, by part. */
let spent = {};
let lastAnswer = 0;
for (const [part, methods] of Object.entries({ ...MEASURING, start: ['introduction'] })) {
  for (const method of methods) {
    const original = Harness.prototype[method];
    Harness.prototype[method] = async function (...given) {
      const started = performance.now();
      const answer = await original.apply(this, given);
      lastAnswer = performance.now();
      // Of a sample only what was timed: the way there and back is overhead.
      const milliseconds = method === 'sample' ? 1000 * answer.seconds * given[1] : lastAnswer - started;
      spent[part] = (spent[part] ?? 0) + milliseconds;
      spent.asking = (spent.asking ?? 0) + lastAnswer - started - milliseconds;
      return answer;
    };
  }
}

const job = {
  jobId: 'overhead',
  levels: Array(Number(options.levels)).fill((await loadFactorization(options.algorithm)).factorization),
  problem: { m: size, k: size, n: size, dtype: 'f32', threads: 1 },
  backend: 'c-gcc',
  variant: '',
  protocol: resolveProtocol(
    { minRounds: 10, maxRounds: 10, minSampleSeconds: 0.005, minWarmupSeconds: 0.01, maxRelativeError: 0 },
    'f32',
  ),
  compileTimeoutSeconds: 120,
  tunePlans: 0,
};

/** One measurement: milliseconds by part. */
async function measure() {
  spent = {};
  let compiling = 0;
  const usedBefore = process.cpuUsage();
  const started = performance.now();
  const outcome = await benchmark(job, {
    signal: new AbortController().signal,
    onProgress: ({ kind }) => {
      if (kind === 'compiling') compiling = performance.now();
    },
  });
  const ended = performance.now();
  const used = process.cpuUsage(usedBefore);
  if (outcome.kind !== 'OUTCOME_KIND_MEASURED') throw new Error(`${outcome.kind}: ${outcome.message}`);
  const measuring = Object.keys(MEASURING).reduce((sum, part) => sum + spent[part], 0);
  const total = ended - started;
  const overhead = total - measuring - 1000 * outcome.compileSeconds;
  return {
    total,
    ...spent,
    compileCached: outcome.compileCached,
    overhead,
    // Processor time of the agent itself, the conversation with the child included: hardly depends on who else is busy.
    agentCpu: (used.user + used.system) / 1000,
    // Parts of the overhead: before the compiler is needed, from then on, and after the last answer of the child.
    planning: compiling - started,
    ending: ended - lastAnswer,
    rest: overhead - (compiling - started) - (ended - lastAnswer) - spent.start - spent.asking,
  };
}

const first = await measure();
const again = [];
for (let i = 0; i < repeats; i++) again.push(await measure());
if (!again.every(({ compileCached }) => compileCached)) throw new Error('A second measurement compiled again.');

const PARTS = [
  'total',
  'checks',
  'warmUp',
  'peak',
  'samples',
  'overhead',
  'planning',
  'start',
  'asking',
  'ending',
  'rest',
  'agentCpu',
];
const summary = Object.fromEntries(
  PARTS.map((part) => {
    const values = again.map((one) => one[part]);
    return [part, { median: quantile(values, 0.5), p10: quantile(values, 0.1), p90: quantile(values, 0.9) }];
  }),
);
if (options.json) {
  const { problem } = job;
  process.stdout.write(
    `${JSON.stringify({ formatVersion: 1, unit: 'ms', algorithm: options.algorithm, levels: job.levels.length, problem, loadAverage: loadavg()[0], first, summary, again })}\n`,
  );
} else {
  const line = (part) => {
    const { median, p10, p90 } = summary[part];
    return `${median.toFixed(1)} ms (${p10.toFixed(1)} to ${p90.toFixed(1)})`;
  };
  process.stdout.write(
    [
      `A measurement that compiles nothing, median of ${repeats} (10 % to 90 %); ${size} f32, ${options.algorithm}, ${job.levels.length} level(s), load ${loadavg()[0].toFixed(1)}`,
      `overhead a candidate beside compiling and measuring: ${line('overhead')}`,
      `  plan and toolchain            ${line('planning')}`,
      `  start of the measuring child  ${line('start')}`,
      `  asking for samples            ${line('asking')}`,
      `  end of the measuring child    ${line('ending')}`,
      `  source, cache and statistics  ${line('rest')}`,
      `processor time of the agent     ${line('agentCpu')}`,
      `measured: checks ${line('checks')}, warm-up ${line('warmUp')}, peak ${line('peak')}, samples ${line('samples')}`,
      `total ${line('total')}; the first time ${first.total.toFixed(0)} ms`,
      '',
    ].join('\n'),
  );
}
