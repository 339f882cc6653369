// Faults of the agent, its machine and the way to it. Each is injected at a random moment while jobs run.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { Ledger } from './ledger.mjs';
import { startProxy } from './proxy.mjs';
import { descendants, isRunning, newFolder, smallDisk, startAgent } from './surroundings.mjs';

const JOBS = 2;
const DISK_MEBIBYTES = 48;
const LEFTOVER_SECONDS = 30;

/**
 * Each kind: `inject` makes the fault and undoes it; what a job may end with beside MEASURED is in `mayEnd`, and `reason` says why a
 * kind cannot be injected here.
 */
export const AGENT_FAULTS = {
  'agent killed': {
    mayEnd: [],
    inject: async ({ agent, random }) => {
      const left = descendants(agent.process.pid);
      await agent.restart(() => delay(1000 * random.float()));
      return left;
    },
  },
  'agent paused': {
    mayEnd: [],
    inject: async ({ agent, random, isBrief }) => {
      agent.process.child.kill('SIGSTOP');
      await delay(1000 * pauseSeconds(random, isBrief));
      agent.process.child.kill('SIGCONT');
    },
  },
  'connection cut': {
    mayEnd: [],
    inject: async ({ proxy, random }) => proxy.cut(random.bernoulli(0.5) ? 'reset' : 'end'),
  },
  'disk full on the agent': {
    mayEnd: [],
    onSmallDisk: true,
    inject: async ({ disk, random }) => {
      disk.fill();
      await delay(200 + 2000 * random.float());
      disk.free();
    },
  },
  'compiler hangs': {
    mayEnd: ['TIMEOUT'],
    isBefore: true,
    inject: async ({ agent, random }) => agent.hangCompiler(random.float().toFixed(3)),
  },
  'child crashes': {
    mayEnd: ['CRASHED'],
    inject: async ({ agent, ledger, random }) => {
      const isChild = ({ command }) => /\.harness /.test(command);
      let children = [];
      while (children.length === 0 && ledger.stage !== 'ended') {
        await delay(5);
        children = descendants(agent.process.pid).filter(isChild);
      }
      for (const { pid } of children) process.kill(pid, random.bernoulli(0.5) ? 'SIGSEGV' : 'SIGKILL');
      return children;
    },
  },
};

/** Short, longer than the agent waits for its child's answers, or longer than a connection is kept without a sign of life. */
function pauseSeconds(random, isBrief) {
  const kind = isBrief ? 0 : random.categorical([0.6, 0.2, 0.2]);
  return [0.2 + 2 * random.float(), 22 + 10 * random.float(), 45 + 10 * random.float()][kind];
}

/** The agent that all kinds but those with a disk of their own share, and how long its jobs take. */
let common;

async function surroundingsOf({ onSmallDisk }, random, isBrief) {
  if (!onSmallDisk) {
    common ??= await prepare(newFolder('agent'), random, isBrief);
    return common;
  }
  const disk = smallDisk('disk', DISK_MEBIBYTES);
  return disk.reason === undefined ? { ...(await prepare(disk.path, random, isBrief)), disk } : disk;
}

async function prepare(place, random, isBrief) {
  const agent = await startAgent(place, isBrief);
  const proxy = await startProxy(agent.process.port);
  const ledger = await Ledger.open(join(newFolder('store'), 'measurements.sqlite'), proxy.address);
  // Without a fault, first once more for the probes of compiler and BLAS: the random moments lie within what such jobs take.
  let windowMs = 0;
  for (let round = 0; round < 2; round++) {
    const began = performance.now();
    const { counts, wrong } = ledger.balance(await Promise.all(ledger.measure(ledger.draw(random, JOBS))));
    if (counts.MEASURED !== JOBS) {
      const { failures } = ledger;
      throw new Error(`Undisturbed jobs failed: ${JSON.stringify({ counts, wrong, failures })}`);
    }
    windowMs = performance.now() - began;
  }
  return { agent, proxy, ledger, windowMs };
}

/**
 * Injects one kind so many times.
 * @returns injections by the stage they met, ends of jobs, what was wrong
 */
export async function injectAgentFault(kind, { count, random, isBrief }) {
  const fault = AGENT_FAULTS[kind];
  const surroundings = await surroundingsOf(fault, random, isBrief);
  if (surroundings.reason !== undefined) return { skipped: surroundings.reason };
  const { agent, ledger, windowMs } = surroundings;
  const result = { injected: 0, jobs: 0, stages: {}, ends: {}, wrong: [] };
  for (let index = 0; result.injected < count; index++) {
    const own = random.split(index);
    const inject = async () => (await fault.inject({ ...surroundings, isBrief, random: own })) ?? [];
    const jobs = ledger.draw(own, JOBS);
    if (fault.isBefore) await inject();
    const ends = ledger.measure(jobs);
    if (!fault.isBefore) await delay(windowMs * own.float());
    const stage = fault.isBefore ? 'compiling' : ledger.stage;
    const left = fault.isBefore ? [] : await inject();
    const ended = await Promise.all(ends);
    const { counts, wrong } = ledger.balance(ended);
    // Jobs that had ended before the fault was injected are no test of it.
    if (stage !== 'ended') result.injected++;
    result.jobs += ended.length;
    add(result.stages, { [stage]: 1 });
    add(result.ends, counts);
    for (const end of Object.keys(counts)) {
      if (end !== 'MEASURED' && !fault.mayEnd.includes(end)) wrong.push(`a job ended with ${end}`);
    }
    wrong.push(...(await leftovers(agent, left)));
    result.wrong.push(...wrong.map((sentence) => `injection ${index}: ${sentence}`));
  }
  result.wrong.push(...lastLook(surroundings));
  return result;
}

/** Nothing of the agent's goes on when its jobs have ended, or when it was killed. */
async function leftovers(agent, left) {
  const running = () => [...left.filter(isRunning), ...descendants(agent.process.pid)];
  for (const end = Date.now() + LEFTOVER_SECONDS * 1000; running().length > 0 && Date.now() < end; ) await delay(50);
  return running().map(({ command }) => `still running: ${command.slice(0, 100)}`);
}

/** The whole store once more, and folders that a living agent left. */
function lastLook({ agent, ledger }) {
  const store = ledger.store.all();
  const jobs = new Set(store.map(({ jobId }) => jobId));
  const algorithms = new Set(store.map(({ algorithm }) => algorithm.levels[0]));
  const wrong = [];
  if (jobs.size !== store.length || algorithms.size !== store.length) wrong.push('a job has two records');
  // A killed agent cannot tidy up; the next one does, an hour later.
  const folders = readdirSync(agent.temporary).filter((name) => name.startsWith(`at-agent-${agent.process.pid}-`));
  if (folders.length > 0) wrong.push(`${folders.length} temporary folders are left`);
  return wrong;
}

export function add(counts, more) {
  for (const [name, count] of Object.entries(more)) counts[name] = (counts[name] ?? 0) + count;
}
