// What the latency in the reward is worth: fine-tuning of <2,2,2> from the kept checkpoint with lambda 0 and with lambda > 0, the same
// learner steps and games, several seeds, and the latency of what the games came to. A third arm, `control`, has lambda 0 and the
// replay of lambda > 0, which shows the best factorizations as they are and no denser images of them:
//   npm run bench:lambda -- [--json] [--device synthetic|real] [--seeds 1,2,3] [--lambda 7] [--steps 200] [--at-once 1]
// On the synthetic device t / t_vendor = 0.2 + 0.02 nonzeros, whose minimum over all algorithms of rank 7 with entries
// -1, 0, 1 is enumerated; ends with status 1 where a run with lambda > 0 does not find it. The real device is at-agent here, c-gcc,
// f32, one thread, 1024 x 1024 x 1024.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { MODES, Random, strassen } from '../../shared/dist/index.js';
import { forFinetuning } from '../../trainer/dist/cli/finetune.js';
import { connectAgent } from '../../trainer/dist/fleet/agent-client.js';
import { openPool } from '../../trainer/dist/fleet/agent-pool.js';
import { relativeTime } from '../../trainer/dist/fleet/latency-reward.js';
import { MEASUREMENTS_FILE, MeasurementStore } from '../../trainer/dist/fleet/measurement-store.js';
import { applySymmetry } from '../../trainer/dist/game/symmetry.js';
import { loadCheckpoint } from '../../trainer/dist/training/checkpoint.js';
import { finetune } from '../../trainer/dist/training/finetune.js';
import { startProgram, startSleepingAgent } from '../support/processes.mjs';
import { machine } from './common.mjs';

const CHECKPOINT = fileURLToPath(new URL('../../trainer/checkpoints/2x2x2-tiny', import.meta.url));
const PROBLEM = { m: 1024, k: 1024, n: 1024, dtype: 'f32', threads: 1 };
const COST = [0.2, 0.02];
const DEVICES = {
  synthetic: { start: () => startSleepingAgent('--seconds', '0.02', '--cost', COST.join()), protocol: {} },
  real: {
    start: () => startProgram('../../agent/bin/at-agent.js', ['serve', '--port', '0', '--json', '--backend', 'c-gcc']),
    protocol: { budgetSeconds: 1, minRounds: 5 },
  },
};

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    device: { type: 'string', default: 'synthetic' },
    seeds: { type: 'string', default: '1,2,3' },
    lambda: { type: 'string', default: '7' },
    steps: { type: 'string', default: '200' },
    'at-once': { type: 'string', default: '1' },
    run: { type: 'string' },
  },
});

if (values.run !== undefined) {
  console.log(JSON.stringify(await work(JSON.parse(values.run))));
  process.exit();
}

const device = DEVICES[values.device];
if (device === undefined) throw new Error(`There is no device ${values.device}; --device takes synthetic and real.`);
const lambda = Number(values.lambda);
const ARMS = [
  { arm: 'without', lambda: 0, replayLambda: 0 },
  { arm: 'control', lambda: 0, replayLambda: lambda },
  { arm: 'with', lambda, replayLambda: lambda },
];
const seeds = values.seeds.split(',').map(Number);
const arms = seeds.flatMap((seed) => ARMS.map((arm) => ({ seed, ...arm })));
const optimum = values.device === 'synthetic' ? fewestNonzeros() : undefined;
const runs = await atOnce(Number(values['at-once']), arms);
const result = {
  machine: machine(),
  device: values.device,
  steps: Number(values.steps),
  ...(optimum === undefined ? {} : { optimum: { nonzeros: optimum, relativeTime: COST[0] + COST[1] * optimum } }),
  runs: runs.map(({ games: _, ...run }) => run),
  effect: { overWithout: effectOf(runs, 'without'), overControl: effectOf(runs, 'control') },
};
if (values.json) console.log(JSON.stringify(result, null, 2));
else {
  for (const [what, { ratio, low, high }] of Object.entries(result.effect)) {
    say(
      `time of what the late games ended with, ${what}: ${ratio.toFixed(4)} (${low.toFixed(4)} to ${high.toFixed(4)})`,
    );
  }
  if (optimum !== undefined) say(`fewest nonzeros of rank 7: ${optimum}, ${result.optimum.relativeTime.toFixed(2)}`);
}
const isFound = ({ arm, best }) => arm !== 'with' || best <= result.optimum.relativeTime + 1e-9;
process.exitCode = optimum !== undefined && !runs.every(isFound) ? 1 : 0;

/** One fine-tuning run in this process. */
async function work({ seed, arm, lambda, replayLambda, steps, device: name }) {
  const { start, protocol } = DEVICES[name];
  const agent = await start();
  const runDir = mkdtempSync(join(tmpdir(), 'at-bench-lambda-'));
  const pool = await openPool([{ name, client: connectAgent(agent.address) }]);
  const ended = [];
  try {
    const { config } = await loadCheckpoint(CHECKPOINT);
    const { seconds } = await finetune(
      { ...forFinetuning(config, { isTrained: true, lambda: replayLambda }), seed, tfBackend: 'wasm' },
      {
        runDir,
        pool,
        backend: 'c-gcc',
        lambda,
        problems: [{ problem: PROBLEM, weight: 1 }],
        reportProblems: [],
        depth: 1,
        rewardProtocol: protocol,
        reportProtocol: protocol,
        reportedCount: 1,
        checkpoint: CHECKPOINT,
        stop: { maxSteps: steps },
        hooks: { onFactorization: ({ hash, step, isFinal }) => ended.push({ hash, step, isFinal }) },
      },
    );
    const times = storedTimes(join(runDir, MEASUREMENTS_FILE));
    const games = ended.flatMap(({ hash, step, isFinal }) =>
      isFinal && times.has(hash) ? [{ step, time: times.get(hash).time }] : [],
    );
    const late = games.filter(({ step }) => step > steps / 2).map(({ time }) => time);
    const all = [...times.values()];
    const best = Math.min(...all.map(({ time }) => time));
    return {
      seed,
      arm,
      lambda,
      seconds,
      solved: ended.filter(({ isFinal }) => isFinal).length,
      solvedAndMeasured: games.length,
      algorithms: all.length,
      ofGames: meanWithInterval(games.map(({ time }) => time)),
      ofLateGames: meanWithInterval(late),
      ofAlgorithms: meanWithInterval(all.map(({ time }) => time)),
      best,
      bestNonzeros: Math.min(...all.filter(({ time }) => time === best).map(({ nonzeros }) => nonzeros)),
      byNonzeros: byNonzeros(all),
      bestAtStep: Math.min(...ended.filter(({ hash }) => times.get(hash)?.time === best).map(({ step }) => step)),
      games,
    };
  } finally {
    pool.close();
    await agent.end();
    rmSync(runDir, { recursive: true, force: true });
  }
}

/** Whether sparser algorithms are faster on the device: the mean time of those of each number of nonzeros. */
function byNonzeros(algorithms) {
  const counts = [...new Set(algorithms.map(({ nonzeros }) => nonzeros))].sort((a, b) => a - b);
  return counts.map((count) => {
    const times = algorithms.filter(({ nonzeros }) => nonzeros === count).map(({ time }) => time);
    return { nonzeros: count, ...meanWithInterval(times) };
  });
}

/** t / t_vendor of each algorithm of rank 7 that was measured. */
function storedTimes(file) {
  const store = MeasurementStore.openReadOnly(file);
  try {
    return new Map(
      store.all().flatMap(({ algorithm, outcome }) => {
        const time = relativeTime(outcome);
        return time === undefined || algorithm.rank !== 7
          ? []
          : [[algorithm.levels[0], { time, nonzeros: algorithm.nonzeros }]];
      }),
    );
  } finally {
    store.close();
  }
}

/** Runs in processes of their own, so many at a time. */
async function atOnce(count, waiting) {
  const results = new Map();
  const queue = [...waiting];
  const worker = async () => {
    for (let arm = queue.shift(); arm !== undefined; arm = queue.shift()) {
      const run = await inProcess({ ...arm, steps: Number(values.steps), device: values.device });
      results.set(arm, run);
      const { seed, ofGames, ofLateGames, ofAlgorithms, best, solved, algorithms } = run;
      say(
        `seed ${seed}, ${arm.arm}: ${solved} games solved, ${algorithms} algorithms; mean t / t_vendor of games ${text(ofGames)}, ` +
          `of the second half ${text(ofLateGames)}, of algorithms ${text(ofAlgorithms)}; best ${best.toFixed(3)} at step ${run.bestAtStep}`,
      );
      say(`  by nonzeros: ${run.byNonzeros.map((one) => `${one.nonzeros}: ${text(one)}`).join('; ')}`);
    }
  };
  await Promise.all(Array.from({ length: count }, worker));
  return waiting.map((arm) => results.get(arm));
}

function inProcess(run) {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), '--run', JSON.stringify(run)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (data) => {
    output += data;
  });
  return new Promise((resolve, reject) => {
    child.once('close', (code) =>
      code === 0 ? resolve(JSON.parse(output)) : reject(new Error(`A run ended with status ${code}.`)),
    );
  });
}

/** The ratio of the means of the games of the second half, lambda > 0 over another arm, paired by seed; Student's 95 % interval. */
function effectOf(all, other) {
  const late = (seed, arm) => all.find((run) => run.seed === seed && run.arm === arm).ofLateGames.mean;
  const logs = seeds.map((seed) => Math.log(late(seed, 'with') / late(seed, other)));
  const centre = mean(logs);
  const deviation = Math.sqrt(logs.reduce((sum, log) => sum + (log - centre) ** 2, 0) / (logs.length - 1));
  const half = (studentQuantile(logs.length - 1) * deviation) / Math.sqrt(logs.length);
  return { ratio: Math.exp(centre), low: Math.exp(centre - half), high: Math.exp(centre + half) };
}

/** The 97.5 % quantile of Student's distribution. */
function studentQuantile(degrees) {
  return [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262][degrees - 1] ?? 1.96;
}

/** The mean with a 95 % bootstrap interval. */
function meanWithInterval(samples) {
  if (samples.length === 0) return { mean: null, low: null, high: null, count: 0 };
  const random = new Random('interval');
  const means = Array.from({ length: 1000 }, () => mean(samples.map(() => samples[random.int(samples.length)])));
  means.sort((a, b) => a - b);
  return { mean: mean(samples), low: means[25], high: means[974], count: samples.length };
}

/**
 * The fewest nonzeros of all images of Strassen's algorithm under changes of basis with entries -1, 0, 1 (every algorithm of rank 7
 * is an image of it: de Groote, 1978).
 */
function fewestNonzeros() {
  const entries = [-1, 0, 1];
  const matrices = entries.flatMap((a) =>
    entries.flatMap((b) => entries.flatMap((c) => entries.map((d) => [a, b, c, d]))),
  );
  // A sign of the whole matrix changes no zero.
  const bases = matrices.flatMap(([a, b, c, d]) => {
    const determinant = a * d - b * c;
    const isFirstOfSign = [a, b, c, d].find((x) => x !== 0) === 1;
    if (Math.abs(determinant) !== 1 || !isFirstOfSign) return [];
    return [
      {
        dimension: 2,
        matrix: Int32Array.of(a, b, c, d),
        inverse: Int32Array.of(d, -b, -c, a).map((x) => x * determinant),
      },
    ];
  });
  const from = strassen();
  let fewest = Number.POSITIVE_INFINITY;
  for (const x of bases) {
    for (const y of bases) {
      for (const z of bases) {
        const image = applySymmetry(from, { x, y, z, shift: 0 });
        fewest = Math.min(
          fewest,
          MODES.reduce((sum, mode) => sum + image[mode].coefficients.filter((c) => c !== 0).length, 0),
        );
      }
    }
  }
  return fewest;
}

function mean(all) {
  return all.reduce((sum, value) => sum + value, 0) / all.length;
}

function text({ mean: centre, low, high, count }) {
  return count === 0 ? 'none' : `${centre.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)}, ${count})`;
}

function say(line) {
  if (!values.json) console.log(line);
}
