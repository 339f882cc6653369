// Jobs that go through the trainer's own latency feed, pool and store, and the books that must balance afterwards.
import { setTimeout as delay } from 'node:timers/promises';
import { contentHash, strassen } from '../../shared/dist/index.js';
import { connectAgent } from '../../trainer/dist/fleet/agent-client.js';
import { openPool } from '../../trainer/dist/fleet/agent-pool.js';
import { DEFAULT_B_MAX, latencyReward } from '../../trainer/dist/fleet/latency-reward.js';
import { MeasurementStore } from '../../trainer/dist/fleet/measurement-store.js';
import { applySymmetry, randomSymmetry } from '../../trainer/dist/game/symmetry.js';
import { LatencyFeed } from '../../trainer/dist/training/latency-feed.js';

export const LAMBDA = 5;
export const COMPILE_SECONDS = 4;
const PROBLEM = { m: 64, k: 64, n: 64, dtype: 'f32', threads: 1 };
const PROTOCOL = { minRounds: 3, maxRounds: 20, minSampleSeconds: 0.001, minWarmupSeconds: 0.01, budgetSeconds: 0.3 };
/** Longer than any fault lasts: a job without an end by then has none. */
const PATIENCE_SECONDS = 150;

export class Ledger {
  #known = new Set();
  #failures = [];
  #stage = 'waiting';

  /** @param file of the store; @param address of the agent */
  static async open(file, address) {
    const ledger = new Ledger();
    ledger.file = file;
    ledger.pool = await openPool([{ name: 'agent', client: connectAgent(address) }], {
      firstBackoffMs: 200,
      maxBackoffMs: 2000,
    });
    ledger.store = MeasurementStore.open(file);
    ledger.feed = new LatencyFeed({
      pool: ledger.pool,
      store: ledger.store,
      problems: [{ problem: PROBLEM, weight: 1 }],
      depth: 1,
      lambda: LAMBDA,
      campaign: {
        backend: 'c-gcc',
        variant: 'temporaries',
        protocol: PROTOCOL,
        compileTimeoutSeconds: COMPILE_SECONDS,
        onProgress: (_, { stage }) => {
          ledger.#stage = stage;
        },
        onFailure: (message) => ledger.#failures.push(message),
      },
    });
    return ledger;
  }

  /** What the running job does: `waiting` for the agent, `queued`, `compiling`, `measuring`; `ended` when all have ended. */
  get stage() {
    return this.#stage;
  }

  /** Algorithms that nobody has measured yet. */
  draw(random, count) {
    const drawn = [];
    while (drawn.length < count) {
      const factorization = applySymmetry(strassen(), randomSymmetry({ n: 2, m: 2, p: 2 }, 'standard', random, 0.3));
      const hash = contentHash(factorization);
      if (this.#known.has(hash)) continue;
      this.#known.add(hash);
      drawn.push({ factorization, hash });
    }
    return drawn;
  }

  /** Hands the jobs in; each resolves to its hash and what the training is told. */
  measure(jobs) {
    this.#stage = 'waiting';
    let running = jobs.length;
    return jobs.map(async (job) => {
      const told = await Promise.race([
        this.feed.measure(job),
        delay(PATIENCE_SECONDS * 1000, 'unfinished', { ref: false }),
      ]);
      if (--running === 0) this.#stage = 'ended';
      return { hash: job.hash, told };
    });
  }

  /**
   * Checks ended jobs against the store as another process reads it.
   * @returns how often each end was met, by name, and what is wrong, one sentence each
   */
  balance(ended) {
    const store = MeasurementStore.openReadOnly(this.file);
    const rows = store.all();
    store.close();
    const counts = {};
    const wrong = [];
    const first = firstOf(rows);
    for (const { hash, told } of ended) {
      const own = rows.filter(({ algorithm }) => algorithm.levels[0] === hash);
      const end = own.length === 1 ? own[0].outcome.kind.replace('OUTCOME_KIND_', '') : String(told ?? 'none');
      counts[end] = (counts[end] ?? 0) + 1;
      const complaint = complaintOf(told, own, first);
      if (complaint !== undefined) wrong.push(`${hash.slice(0, 8)}: ${complaint}`);
    }
    const strangers = rows.filter(({ algorithm }) => !this.#known.has(algorithm.levels[0]));
    if (strangers.length > 0) wrong.push(`${strangers.length} rows are of algorithms that nobody handed in`);
    return { counts, wrong };
  }

  /** What went wrong with jobs, in the words of the pool. */
  get failures() {
    return this.#failures;
  }

  close() {
    this.pool.close();
    this.store.close();
  }
}

/** One terminal record a job, and a reward that recomputes from it. */
function complaintOf(told, rows, first) {
  if (told === 'unfinished') return `no end after ${PATIENCE_SECONDS} s`;
  if (told === 'lost') return rows.length === 0 ? 'lost, although the device came back' : 'told lost, but stored';
  if (rows.length !== 1) return `${rows.length} records`;
  const reward = latencyReward(rows[0].outcome);
  if (reward.kind !== 'reward') {
    return told === undefined ? undefined : `a reward of ${told} for ${rows[0].outcome.kind}`;
  }
  // Before anything of use is measured, all counts from the baseline.
  const recomputed = [first, -1].map((from) => LAMBDA * (reward.b - from));
  const isTrue = told === recomputed[0] || (reward.b === -DEFAULT_B_MAX && told === recomputed[1]);
  return isTrue ? undefined : `rewarded ${told}, but its row says ${recomputed[0]}`;
}

/** The b of the first algorithm of use, from which rewards count. */
export function firstOf(rows) {
  const terms = rows.map(({ outcome }) => latencyReward(outcome));
  return terms.find(({ kind, b }) => kind === 'reward' && b > -DEFAULT_B_MAX)?.b ?? -1;
}
