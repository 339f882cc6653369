// What a fleet costs the trainer: measurements/s with more and more agents, the trainer's share of a job, and how fast games are
// played with agents attached. The agents speak real gRPC, and their children only sleep:
//   npm run bench:fleet -- [--json] [--agents 1,2,4,8] [--seconds 1] [--jobs 8] [--repeats 3] [--pairs 9]
// Ends with status 1 where the rate is below 95 % of linear or games are played more than 10 % slower.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median, pairedRatio, Random, strassen } from '../../shared/dist/index.js';
import { gameRules } from '../../trainer/dist/config.js';
import { connectAgent } from '../../trainer/dist/fleet/agent-client.js';
import { openPool } from '../../trainer/dist/fleet/agent-pool.js';
import { candidate } from '../../trainer/dist/fleet/algorithms.js';
import { measureOnDevices } from '../../trainer/dist/fleet/campaign.js';
import { MeasurementStore } from '../../trainer/dist/fleet/measurement-store.js';
import { startBackend } from '../../trainer/dist/network/backend.js';
import { Network } from '../../trainer/dist/network/model.js';
import { loadCheckpoint } from '../../trainer/dist/run/checkpoint.js';
import { actGames } from '../../trainer/dist/training/actor.js';
import { startSleepingAgent } from '../support/processes.mjs';
import { machine } from './common.mjs';

const MIN_SHARE_OF_LINEAR = 0.95;
const MIN_ACTING_RATE = 0.9;
const PROBLEM = { m: 1024, k: 1024, n: 1024, dtype: 'f32', threads: 1 };
const CHECKPOINT = fileURLToPath(new URL('../../trainer/checkpoints/2x2x2-tiny', import.meta.url));

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    agents: { type: 'string', default: '1,2,4,8' },
    seconds: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '8' },
    repeats: { type: 'string', default: '3' },
    pairs: { type: 'string', default: '9' },
  },
});
const counts = values.agents.split(',').map(Number);
const [jobs, repeats, pairs] = [values.jobs, values.repeats, values.pairs].map(Number);

const folder = mkdtempSync(join(tmpdir(), 'at-bench-fleet-'));
try {
  const scale = await measureScale();
  const acting = await measureActing(Math.max(...counts));
  const result = { machine: machine(), sleepSeconds: Number(values.seconds), jobsEach: jobs, scale, acting };
  if (values.json) console.log(JSON.stringify(result, null, 2));
  const isLinear = scale.every(({ shareOfLinear }) => shareOfLinear >= MIN_SHARE_OF_LINEAR);
  process.exitCode = isLinear && acting.relativeRate.estimate >= MIN_ACTING_RATE ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit();

/** One row for each number of agents; they take turns, so that what else the machine does meets all of them. */
async function measureScale() {
  const rounds = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const round = [];
    for (const count of counts) round.push(await withFleet(count, `scale-${repeat}-${count}`, measureAtOnce));
    rounds.push(round);
  }
  return counts.map((count, index) => {
    const of = (field) => median(rounds.map((round) => round[index][field]));
    const linear = (count / counts[0]) * median(rounds.map((round) => round[0].perSecond));
    const row = {
      agents: count,
      perSecond: of('perSecond'),
      range: [
        Math.min(...rounds.map((round) => round[index].perSecond)),
        Math.max(...rounds.map((r) => r[index].perSecond)),
      ],
      shareOfLinear: of('perSecond') / linear,
      idleMsEachJob: of('idleMs'),
      trainerCpuMsEachJob: of('cpuMs'),
    };
    say(
      `${count} agents: ${row.perSecond.toFixed(2)} measurements/s, ${(100 * row.shareOfLinear).toFixed(1)} % of linear; ` +
        `a job leaves its agent idle for ${row.idleMsEachJob.toFixed(1)} ms and takes ${row.trainerCpuMsEachJob.toFixed(1)} ms of the trainer's processor`,
    );
    return row;
  });
}

/** So many jobs an agent, all queued at once. */
async function measureAtOnce({ count, measure }) {
  await Promise.all(Array.from({ length: count }, measure));
  const cpu = process.cpuUsage();
  const began = performance.now();
  const slept = await Promise.all(Array.from({ length: jobs * count }, measure));
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const sleepSeconds = slept.reduce((sum, each) => sum + each, 0) / slept.length;
  return {
    perSecond: (jobs * count) / seconds,
    idleMs: 1000 * (seconds / jobs - sleepSeconds),
    cpuMs: (user + system) / 1000 / (jobs * count),
  };
}

/** The same games with agents kept busy and without; pairs in random order. */
async function measureActing(count) {
  await startBackend('wasm');
  const { config: trained, weights } = await loadCheckpoint(CHECKPOINT);
  const config = { ...trained, search: { ...trained.search, simulations: 50 } };
  const network = new Network(config.network, gameRules(config), new Random('bench'));
  network.parameters.import(weights);
  const play = async (pair) => {
    const began = performance.now();
    const options = { searcher: 'mcts', games: 8, name: `pair-${pair}`, random: new Random(`pair ${pair}`) };
    const games = await actGames(network, config, options);
    const seconds = (performance.now() - began) / 1000;
    return { seconds, evaluations: games.reduce((sum, { evaluations }) => sum + evaluations, 0) };
  };
  await play('warm-up');
  return withFleet(count, 'acting', async ({ measure }) => {
    const attached = [];
    const alone = [];
    let measured = 0;
    const playAttached = async (pair) => {
      let isOver = false;
      const keepBusy = async () => {
        while (!isOver) {
          await measure();
          if (!isOver) measured++;
        }
      };
      const busy = Array.from({ length: 2 * count }, keepBusy);
      // Every agent is in the middle of a job when the games begin.
      await delay(1500 * Number(values.seconds));
      const before = measured;
      const result = await play(pair);
      attached.push({ ...result, measured: measured - before });
      isOver = true;
      await Promise.all(busy);
    };
    const order = new Random('order');
    for (let pair = 0; pair < pairs; pair++) {
      const steps = [() => playAttached(pair), async () => alone.push(await play(pair))];
      for (const step of order.bernoulli(0.5) ? steps : steps.reverse()) await step();
    }
    const seconds = (plays) => plays.map((one) => one.seconds);
    const total = (plays, of) => plays.reduce((sum, one) => sum + of(one), 0);
    const rate = (plays) => total(plays, (one) => one.evaluations) / total(plays, (one) => one.seconds);
    const row = {
      agents: count,
      pairs,
      evaluationsPerSecondAlone: rate(alone),
      evaluationsPerSecondAttached: rate(attached),
      // The same games, so the ratio of the times is that of the rates.
      relativeRate: pairedRatio(seconds(alone), seconds(attached), { seed: 1 }),
      measurementsPerSecond: total(attached, (one) => one.measured) / total(attached, (one) => one.seconds),
    };
    const { estimate, low, high } = row.relativeRate;
    say(
      `games with ${count} agents attached: ${(100 * estimate).toFixed(1)} % of the rate without (${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)} %), ` +
        `${row.evaluationsPerSecondAlone.toFixed(0)} network evaluations/s alone; meanwhile ${row.measurementsPerSecond.toFixed(2)} measurements/s`,
    );
    return row;
  });
}

/** @param action is given `measure`: one job through pool and store, resolves to the seconds that its child slept */
async function withFleet(count, name, action) {
  const agents = await Promise.all(
    Array.from({ length: count }, () => startSleepingAgent('--seconds', values.seconds)),
  );
  const clients = agents.map(({ address }, index) => ({ name: `agent-${index}`, client: connectAgent(address) }));
  const pool = await openPool(clients);
  const store = MeasurementStore.open(join(folder, `${name}.sqlite`));
  const measured = candidate({ factorization: strassen(), origin: 'imported' }, 'imported');
  const options = { backend: 'c-gcc', store, fresh: true };
  try {
    const measure = async () => {
      const [{ row }] = await measureOnDevices(pool, pool.devices, measured, PROBLEM, options);
      if (row?.outcome.kind !== 'OUTCOME_KIND_MEASURED') throw new Error('A sleeping agent lost a job.');
      return row.outcome.compileSeconds;
    };
    return await action({ count, measure });
  } finally {
    pool.close();
    store.close();
    await Promise.all(agents.map((agent) => agent.end()));
  }
}

function say(line) {
  if (!values.json) console.log(line);
}
