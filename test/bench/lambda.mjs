// What the latency in the reward is worth: fine-tuning of <2,2,2> from the kept checkpoint with lambda 0 and with lambda > 0, the same
// learner steps and games, several seeds, and the latency of what the games came to. A third arm, `control`, has lambda 0 and the
// replay of lambda > 0, which shows the best factorizations as they are and no denser images of them:
//   npm run bench:lambda -- [--json] [--device synthetic|real] [--seeds 1,2,3] [--lambda 7] [--steps 200] [--at-once 1]
//     [--variant packed|temporaries] [--problem 1024] [--levels 1] [--tf-backend wasm|node] [--save FILE]
// On the synthetic device t / t_baseline = 0.2 + 0.02 nonzeros, whose minimum over all algorithms of rank 7 with entries
// -1, 0, 1 is enumerated; ends with status 1 where a run with lambda > 0 does not find it. The real device is at-agent here, c-gcc,
// f32, one thread. --save keeps what the games of the second half ended with, for npm run bench:lambda-again.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { formatFactorizationJson } from '../../shared/dist/index.js';
import { forFinetuning } from '../../trainer/dist/cli/finetune.js';
import { connectAgent } from '../../trainer/dist/fleet/agent-client.js';
import { openPool } from '../../trainer/dist/fleet/agent-pool.js';
import { relativeTime } from '../../trainer/dist/fleet/latency-reward.js';
import { MEASUREMENTS_FILE, MeasurementStore } from '../../trainer/dist/fleet/measurement-store.js';
import { loadCheckpoint } from '../../trainer/dist/run/checkpoint.js';
import { finetune } from '../../trainer/dist/training/finetune.js';
import { startSleepingAgent } from '../support/processes.mjs';
import { machine } from './common.mjs';
import { meanWithInterval, pairedEffect, text } from './interval.mjs';
import { startRealAgent } from './one-session.mjs';
import { strassenImages } from './strassen-images.mjs';

const CHECKPOINT = fileURLToPath(new URL('../../trainer/checkpoints/2x2x2-tiny', import.meta.url));
const COST = [0.2, 0.02];
const DEVICES = {
  synthetic: { start: () => startSleepingAgent('--seconds', '0.02', '--cost', COST.join()), protocol: {} },
  real: {
    start: startRealAgent,
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
    variant: { type: 'string' },
    problem: { type: 'string', default: '1024' },
    levels: { type: 'string', default: '1' },
    'tf-backend': { type: 'string', default: 'wasm' },
    save: { type: 'string' },
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
const size = Number(values.problem);
const problem = { m: size, k: size, n: size, dtype: 'f32', threads: 1 };
const setting = { problem, depth: Number(values.levels), variant: values.variant, tfBackend: values['tf-backend'] };
const seeds = values.seeds.split(',').map(Number);
const arms = seeds.flatMap((seed) => ARMS.map((arm) => ({ seed, ...arm })));
const optimum =
  values.device === 'synthetic' ? Math.min(...strassenImages().map(({ nonzeros }) => nonzeros)) : undefined;
const runs = await atOnce(Number(values['at-once']), arms);
const result = {
  machine: machine(),
  device: values.device,
  ...setting,
  steps: Number(values.steps),
  ...(optimum === undefined ? {} : { optimum: { nonzeros: optimum, relativeTime: COST[0] + COST[1] * optimum } }),
  runs: runs.map(({ late: _, ...run }) => run),
  effect: { overWithout: effectOver('without'), overControl: effectOver('control') },
};
if (values.save !== undefined) {
  const kept = runs.map(({ seed, arm, late }) => ({ seed, arm, late }));
  writeFileSync(values.save, JSON.stringify({ ...setting, runs: kept }));
}
if (values.json) console.log(JSON.stringify(result, null, 2));
else {
  for (const [what, { ratio, low, high }] of Object.entries(result.effect)) {
    say(
      `time of what the late games ended with, ${what}: ${ratio.toFixed(4)} (${low.toFixed(4)} to ${high.toFixed(4)})`,
    );
  }
  if (optimum !== undefined) say(`fewest nonzeros of rank 7: ${optimum}, ${result.optimum.relativeTime.toFixed(2)}`);
}
function effectOver(other) {
  return pairedEffect(
    runs.map(({ seed, arm, ofLateGames }) => ({ seed, arm, time: ofLateGames.mean })),
    'with',
    other,
  );
}

const isFound = ({ arm, best }) => arm !== 'with' || best <= result.optimum.relativeTime + 1e-9;
process.exitCode = optimum !== undefined && !runs.every(isFound) ? 1 : 0;

/** One fine-tuning run in this process. */
async function work({ seed, arm, lambda, replayLambda, steps, device: name, problem, depth, variant, tfBackend }) {
  const { start, protocol } = DEVICES[name];
  const agent = await start();
  const runDir = mkdtempSync(join(tmpdir(), 'at-bench-lambda-'));
  const pool = await openPool([{ name, client: connectAgent(agent.address) }]);
  const ended = [];
  try {
    const { config } = await loadCheckpoint(CHECKPOINT);
    const { seconds } = await finetune(
      { ...forFinetuning(config, { isTrained: true, lambda: replayLambda }), seed, tfBackend },
      {
        runDir,
        pool,
        backend: 'c-gcc',
        ...(variant === undefined ? {} : { variant }),
        lambda,
        problems: [{ problem, weight: 1 }],
        reportProblems: [],
        depth,
        rewardProtocol: protocol,
        reportProtocol: protocol,
        reportedCount: 1,
        checkpoint: CHECKPOINT,
        stop: { maxSteps: steps },
        hooks: { onFactorization: ({ hash, step, isFinal }) => ended.push({ hash, step, isFinal }) },
      },
    );
    const times = storedAlgorithms(join(runDir, MEASUREMENTS_FILE), 7 ** depth);
    const games = ended.flatMap(({ hash, step, isFinal }) =>
      isFinal && times.has(hash) ? [{ hash, step, ...times.get(hash) }] : [],
    );
    const late = games.filter(({ step }) => step > steps / 2);
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
      ofLateGames: meanWithInterval(late.map(({ time }) => time)),
      nonzerosOfLateGames: meanWithInterval(late.map(({ nonzeros }) => nonzeros)),
      ofAlgorithms: meanWithInterval(all.map(({ time }) => time)),
      best,
      bestNonzeros: Math.min(...all.filter(({ time }) => time === best).map(({ nonzeros }) => nonzeros)),
      byNonzeros: byNonzeros(all),
      bestAtStep: Math.min(...ended.filter(({ hash }) => times.get(hash)?.time === best).map(({ step }) => step)),
      late,
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

/** t / t_baseline of each algorithm of so many multiplications that was measured, by content hash, and the algorithm itself. */
function storedAlgorithms(file, rank) {
  const store = MeasurementStore.openReadOnly(file);
  try {
    const factorizations = store.factorizations();
    return new Map(
      store.all().flatMap(({ algorithm, outcome }) => {
        const time = relativeTime(outcome);
        const [hash] = algorithm.levels;
        return time === undefined || algorithm.rank !== rank
          ? []
          : [[hash, { time, nonzeros: algorithm.nonzeros, scheme: formatFactorizationJson(factorizations.get(hash)) }]];
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
      const run = await inProcess({ ...arm, steps: Number(values.steps), device: values.device, ...setting });
      results.set(arm, run);
      const { seed, ofGames, ofLateGames, ofAlgorithms, best, solved, algorithms } = run;
      say(
        `seed ${seed}, ${arm.arm}: ${solved} games solved, ${algorithms} algorithms; mean t / t_baseline of games ${text(ofGames)}, ` +
          `of the second half ${text(ofLateGames)}, of algorithms ${text(ofAlgorithms)}; best ${best.toFixed(3)} at step ${run.bestAtStep}`,
      );
      say(
        `  ${run.seconds.toFixed(0)} s; by nonzeros: ${run.byNonzeros.map((one) => `${one.nonzeros}: ${text(one)}`).join('; ')}`,
      );
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

function say(line) {
  if (!values.json) console.log(line);
}
