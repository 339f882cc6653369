// Faults of the trainer: a fine-tuning run that is killed, or whose disk is full, again and again, and goes on each time.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Random } from '../../shared/dist/index.js';
import { gameRules } from '../../trainer/dist/config.js';
import { latencyReward } from '../../trainer/dist/fleet/latency-reward.js';
import { MEASUREMENTS_FILE, MeasurementStore } from '../../trainer/dist/fleet/measurement-store.js';
import { startBackend } from '../../trainer/dist/network/backend.js';
import { Network } from '../../trainer/dist/network/model.js';
import { presetForSize } from '../../trainer/dist/presets.js';
import { hasCheckpoint, loadCheckpoint, newestCheckpoint, saveCheckpoint } from '../../trainer/dist/run/checkpoint.js';
import { micro } from '../dist/support/micro.js';
import { add } from './agent-faults.mjs';
import { firstOf, Ledger } from './ledger.mjs';
import { newFolder, smallDisk, startAgent } from './surroundings.mjs';

const AT_TRAINER = fileURLToPath(new URL('../../trainer/bin/at-trainer.js', import.meta.url));
const LAMBDA = 5;
/** A run is disturbed within this from when it measures on, and so often while it is still starting. */
const WINDOW_MS = 10_000;
const BRIEF_WINDOW_MS = 3000;
const START_MS = 2000;
const AT_START = 0.2;
const DISK_MEBIBYTES = 8;
/**
 * A run must have said within this that it measures, and one that cannot write must have said so and ended. Agents of other tests on this
 * host measure in between, and it waits for them.
 */
const PATIENCE_MS = 150_000;
/** What a run says when it begins to measure. */
const MEASURES = /measuring on /;
/** `RESOURCE_EXHAUSTED` of at-trainer. */
const DISK_FULL_STATUS = 8;

/** The agent of both kinds. */
let common;

const children = new Set();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

export const TRAINER_FAULTS = {
  'trainer killed': {
    disturb: async ({ trainer }) => {
      trainer.child.kill('SIGKILL');
      await trainer.ended;
      return [];
    },
  },
  'disk full on the trainer': {
    onSmallDisk: true,
    disturb: async ({ trainer, disk }) => {
      disk.fill();
      const end = await Promise.race([trainer.ended, delay(PATIENCE_MS)]);
      if (end === undefined) trainer.child.kill('SIGKILL');
      await trainer.ended;
      disk.free();
      if (end === undefined) return [`it went on for ${PATIENCE_MS / 1000} s with nowhere to write`];
      const said = end.stderr.split('\n').filter((line) => line.startsWith('error:'));
      return end.code === DISK_FULL_STATUS && said.length === 1 && /free space/.test(said[0])
        ? []
        : [`it ended with ${end.code} and said ${JSON.stringify(said)}: ${end.stderr.slice(-500)}`];
    },
  },
};

/** Disturbs one run so many times, resuming it each time, and looks into its folder in between. */
export async function injectTrainerFault(kind, { count, random, isBrief }) {
  const fault = TRAINER_FAULTS[kind];
  const disk = fault.onSmallDisk ? smallDisk('run', DISK_MEBIBYTES) : undefined;
  if (disk?.reason !== undefined) return { skipped: disk.reason };
  const agent = await commonAgent(random, isBrief);
  const windowMs = isBrief ? BRIEF_WINDOW_MS : WINDOW_MS;
  const checkpoint = newFolder('micro');
  await saveMicroCheckpoint(checkpoint);
  const runDir = join(disk?.path ?? newFolder('runs'), 'run');
  const result = { injected: 0, jobs: 0, stages: {}, ends: {}, wrong: [] };
  const state = { agent, disk, checkpoint, runDir, before: [] };
  for (let index = 0; index < count; index++) {
    const own = random.split(index);
    const trainer = startTrainer(state);
    const isResumed = trainer.options.includes('--resume');
    const isStarting = own.bernoulli(AT_START);
    if (!isStarting) await trainer.said(MEASURES);
    await delay((isStarting ? START_MS : windowMs) * own.float());
    const wrong = await fault.disturb({ trainer, disk });
    result.injected++;
    add(result.stages, { [isStarting ? 'starting' : isResumed ? 'resumed' : 'begun']: 1 });
    wrong.push(...(await inspect(state)));
    result.wrong.push(...wrong.map((sentence) => `injection ${index}: ${sentence}`));
  }
  const last = startTrainer(state);
  await last.said(MEASURES);
  await last.said(/[1-9]\d* measured/);
  last.child.kill('SIGINT');
  const { code, stderr } = await last.ended;
  if (code !== 130) result.wrong.push(`the last run ended with ${code}: ${stderr.slice(-500)}`);
  result.wrong.push(...(await inspect(state, true)));
  result.jobs = state.before.length;
  for (const { outcome } of state.before) add(result.ends, { [outcome.kind.replace('OUTCOME_KIND_', '')]: 1 });
  if (result.jobs === 0) result.wrong.push('nothing was measured');
  return result;
}

/** Its own programs are compiled by one job, so that the disturbed ones do not wait for them. */
async function commonAgent(random, isBrief) {
  if (common !== undefined) return common;
  common = await startAgent(newFolder('agent'), isBrief);
  const ledger = await Ledger.open(join(newFolder('store'), 'measurements.sqlite'), common.process.address);
  await Promise.all(ledger.measure(ledger.draw(random, 1)));
  ledger.close();
  return common;
}

/** A run begins where there is none to resume. */
function startTrainer({ agent, checkpoint, runDir }) {
  const isBegun = existsSync(join(runDir, 'config.json'));
  const start = ['--checkpoint', checkpoint, '--problem', '64', '--lambda', String(LAMBDA), '--seed', '1'];
  const address = agent.process.address;
  const options = [
    'finetune',
    ...['--run-dir', runDir, '--agent', address],
    ...(isBegun ? ['--resume'] : [...start, '--tf-backend', 'wasm']),
  ];
  const child = spawn(process.execPath, [AT_TRAINER, ...options], { stdio: ['ignore', 'ignore', 'pipe'] });
  children.add(child);
  let stderr = '';
  const listeners = new Set();
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
    for (const listener of listeners) listener();
  });
  const ended = new Promise((resolve) => {
    child.once('close', (code) => {
      children.delete(child);
      resolve({ code, stderr });
    });
  });
  const said = (pattern) =>
    new Promise((resolve, reject) => {
      const fail = (how) => reject(new Error(`at-trainer ${how} before it said ${pattern}:\n${stderr}`));
      const patience = setTimeout(() => fail(`ran for ${PATIENCE_MS / 1000} s`), PATIENCE_MS);
      const settle = (end) => {
        clearTimeout(patience);
        listeners.delete(check);
        end();
      };
      const check = () => pattern.test(stderr) && settle(resolve);
      listeners.add(check);
      void ended.then(() => settle(() => fail('ended')));
      check();
    });
  return { child, options, ended, said };
}

/**
 * What a run's folder must hold whenever it was stopped: all rows that it held before, one for each job, and a checkpoint whose
 * rewards recompute from them.
 * @param isOrderly the run was ended by Ctrl-C: all that was measured has reached the checkpoint
 */
async function inspect(state, isOrderly = false) {
  const file = join(state.runDir, MEASUREMENTS_FILE);
  if (!existsSync(file)) return [];
  const wrong = [];
  const store = MeasurementStore.openReadOnly(file);
  const rows = store.all();
  const algorithms = store.factorizations();
  store.close();
  const jobs = new Set(rows.map(({ jobId }) => jobId));
  const missing = state.before.filter(({ jobId }) => !jobs.has(jobId));
  if (missing.length > 0) wrong.push(`${missing.length} rows are gone`);
  state.before = rows;
  const measured = rows.map(({ algorithm }) => algorithm.levels[0]);
  if (new Set(measured).size !== rows.length)
    wrong.push(`${rows.length - new Set(measured).size} jobs have two records`);
  const unknown = measured.filter((hash) => !algorithms.has(hash));
  if (unknown.length > 0) wrong.push(`${unknown.length} rows without their algorithm`);
  if (await hasCheckpoint(state.runDir)) wrong.push(...(await inspectRewards(state, rows, isOrderly)));
  return wrong;
}

/** A checkpoint may be older than the rows; one that a run has ended with has taken in all of them. */
async function inspectRewards({ runDir }, rows, isOrderly) {
  const { resume } = await loadCheckpoint(await newestCheckpoint(runDir));
  if (!isOrderly) return [];
  const first = firstOf(rows);
  const rewards = new Map(
    rows.flatMap(({ algorithm, outcome }) => {
      const reward = latencyReward(outcome);
      return reward.kind === 'reward' ? [[algorithm.levels[0], LAMBDA * (reward.b - first)]] : [];
    }),
  );
  const rewarded = [...resume.best, ...resume.played].filter(({ hash }) => rewards.has(hash));
  const wrong = rewarded.filter(({ hash, bonus }) => Math.abs(bonus - rewards.get(hash)) > 1e-9);
  return [
    ...(rewarded.length === 0 ? ['no reward has reached the replay'] : []),
    ...(wrong.length > 0 ? [`${wrong.length} of ${rewarded.length} rewards are not those of the rows`] : []),
  ];
}

async function saveMicroCheckpoint(folder) {
  const config = micro(presetForSize('tiny', { n: 1, m: 1, p: 2 }));
  await startBackend('wasm');
  const network = new Network(config.network, gameRules(config), new Random('micro'));
  const weights = network.parameters.export();
  const provenance = { demonstrations: [], grownFrom: [], insideSchoolbook: false };
  await saveCheckpoint(folder, { config, step: 0, ...provenance, weights, resume: undefined });
  network.dispose();
}
