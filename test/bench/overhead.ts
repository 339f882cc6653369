import { loadavg } from 'node:os';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import type { Job } from '@alphatensor-edge/agent/job/job.js';
import { runJob } from '@alphatensor-edge/agent/job/run-job.js';
import { resolveProtocol } from '@alphatensor-edge/agent/measure/protocol.js';
import { Harness, type Sample } from '@alphatensor-edge/agent/process/harness.js';
import { loadFactorization, quantile } from '@alphatensor-edge/shared';
import type { Bench } from './bench.js';
import { sum } from './common/figures.js';
import { count } from './common/options.js';

export const bench: Bench = {
  summary: 'what a measurement costs beside compiling and measuring',
  help: `What a measurement costs beside compiling and measuring: one job again and again on a warm agent, in this process.

  --algorithm NAME  (winograd)
  --levels N        (2)
  --size N          of the square matrices (256)
  --repeats N       (30)
  --json            one object instead of lines
`,
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        repeats: { type: 'string', default: '30' },
        size: { type: 'string', default: '256' },
        levels: { type: 'string', default: '2' },
        algorithm: { type: 'string', default: 'winograd' },
      },
    });
    const size = count('--size', values.size);
    const repeats = count('--repeats', values.repeats);
    const { factorization } = await loadFactorization(values.algorithm);
    const job: Job = {
      jobId: 'overhead',
      levels: Array(count('--levels', values.levels)).fill(factorization),
      problem: { m: size, k: size, n: size, dtype: 'f32', threads: 1 },
      backend: 'c-gcc',
      variant: '',
      protocol: {
        ...resolveProtocol(null, 'f32'),
        minRounds: 10,
        maxRounds: 10,
        minSampleSeconds: 0.005,
        minWarmupSeconds: 0.01,
      },
      compileTimeoutSeconds: 120,
      tunePlans: 0,
    };
    const clock = new ChildClock();
    const first = await measure(job, clock);
    const again: Measured[] = [];
    for (let i = 0; i < repeats; i++) again.push(await measure(job, clock));
    if (!again.every(({ compileCached }) => compileCached)) throw new Error('A second measurement compiled again.');
    const summary = summaryOf(again);
    const { problem, levels } = job;
    if (values.json) {
      const what = { algorithm: values.algorithm, levels: levels.length, problem, loadAverage: loadavg()[0] };
      console.log(JSON.stringify({ formatVersion: 1, unit: 'ms', ...what, first, summary, again }));
    } else {
      console.log(
        `A measurement that compiles nothing, median of ${repeats} (10 % to 90 %); ${size} f32, ${values.algorithm}, ` +
          `${levels.length} level(s), load ${loadavg()[0].toFixed(1)}`,
      );
      for (const line of linesOf(summary)) console.log(line);
      console.log(`total ${spreadText(summary.total)}; the first time ${first.total.toFixed(0)} ms`);
    }
  },
};

/** What the protocol demands of the child, by the method that asks for it; `start` is none of that. */
const METHODS = {
  checks: ['fillIntegers', 'fillRandom', 'run', 'keep', 'compare', 'errors'],
  warmUp: ['warmUp', 'bindThreads'],
  peak: ['peakGflops'],
  samples: ['sample'],
  start: ['introduction'],
} as const satisfies Record<string, readonly (keyof Harness)[]>;
type AskedPart = keyof typeof METHODS;
const MEASURING: readonly AskedPart[] = ['checks', 'warmUp', 'peak', 'samples'];

type Method = (...given: unknown[]) => Promise<unknown>;

/** Times what the child is asked for, by taking the place of the methods that ask. */
class ChildClock {
  #spent: Record<AskedPart | 'asking', number> = none();
  /** When the child answered last. */
  lastAnswer = 0;

  constructor() {
    const asking = Harness.prototype as unknown as Record<string, Method>;
    for (const [part, methods] of Object.entries(METHODS) as [AskedPart, readonly string[]][]) {
      for (const method of methods) asking[method] = this.#timed(part, method === 'sample', asking[method]);
    }
  }

  /** Milliseconds by part since it was called before. */
  take(): Readonly<Record<AskedPart | 'asking', number>> {
    const spent = this.#spent;
    this.#spent = none();
    return spent;
  }

  #timed(part: AskedPart, isSample: boolean, original: Method): Method {
    const clock = this;
    return async function (this: Harness, ...given) {
      const started = performance.now();
      const answer = await original.apply(this, given);
      clock.lastAnswer = performance.now();
      const whole = clock.lastAnswer - started;
      // Of a sample only what was timed: the way there and back is overhead.
      const milliseconds = isSample ? 1000 * (answer as Sample).seconds * Number(given[1]) : whole;
      clock.#spent[part] += milliseconds;
      clock.#spent.asking += whole - milliseconds;
      return answer;
    };
  }
}

function none(): Record<AskedPart | 'asking', number> {
  return { checks: 0, warmUp: 0, peak: 0, samples: 0, start: 0, asking: 0 };
}

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
] as const;
type Part = (typeof PARTS)[number];

/** One measurement: milliseconds by part. */
type Measured = Readonly<Record<Part, number>> & { readonly compileCached: boolean };

async function measure(job: Job, clock: ChildClock): Promise<Measured> {
  clock.take();
  let compiling = 0;
  const usedBefore = process.cpuUsage();
  const started = performance.now();
  const outcome = await runJob(job, {
    signal: new AbortController().signal,
    onProgress: ({ kind }) => {
      if (kind === 'compiling') compiling = performance.now();
    },
  });
  const ended = performance.now();
  const used = process.cpuUsage(usedBefore);
  if (outcome.kind !== 'OUTCOME_KIND_MEASURED') throw new Error(`${outcome.kind}: ${outcome.message}`);
  const spent = clock.take();
  const total = ended - started;
  const overhead = total - sum(MEASURING.map((part) => spent[part])) - 1000 * outcome.compileSeconds;
  // Parts of the overhead: before the compiler is needed, from then on, and after the last answer of the child.
  const [planning, ending] = [compiling - started, ended - clock.lastAnswer];
  return {
    total,
    ...spent,
    compileCached: outcome.compileCached,
    overhead,
    // Processor time of the agent itself, the conversation with the child included: hardly depends on who else is busy.
    agentCpu: (used.user + used.system) / 1000,
    planning,
    ending,
    rest: overhead - planning - ending - spent.start - spent.asking,
  };
}

interface Spread {
  readonly median: number;
  readonly p10: number;
  readonly p90: number;
}

function summaryOf(all: readonly Measured[]): Readonly<Record<Part, Spread>> {
  const spreads = PARTS.map((part): [Part, Spread] => {
    const values = all.map((one) => one[part]);
    return [part, { median: quantile(values, 0.5), p10: quantile(values, 0.1), p90: quantile(values, 0.9) }];
  });
  return Object.fromEntries(spreads) as Record<Part, Spread>;
}

function spreadText({ median, p10, p90 }: Spread): string {
  return `${median.toFixed(1)} ms (${p10.toFixed(1)} to ${p90.toFixed(1)})`;
}

function linesOf(summary: Readonly<Record<Part, Spread>>): string[] {
  const text = (part: Part): string => spreadText(summary[part]);
  return [
    `overhead a candidate beside compiling and measuring: ${text('overhead')}`,
    `  plan and toolchain            ${text('planning')}`,
    `  start of the measuring child  ${text('start')}`,
    `  asking for samples            ${text('asking')}`,
    `  end of the measuring child    ${text('ending')}`,
    `  source, cache and statistics  ${text('rest')}`,
    `processor time of the agent     ${text('agentCpu')}`,
    `measured: checks ${text('checks')}, warm-up ${text('warmUp')}, peak ${text('peak')}, samples ${text('samples')}`,
  ];
}
