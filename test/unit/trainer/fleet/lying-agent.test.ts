import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentHash, type FactorizationRecord, laderman, strassen, winograd } from '@alphatensor-edge/shared';
import { afterAll, describe, expect, it } from 'vitest';
import { type AgentPool, openPool } from '../../../../trainer/src/fleet/agent-pool.js';
import { benchmarkAll } from '../../../../trainer/src/fleet/benchmark.js';
import { measurementKey } from '../../../../trainer/src/fleet/measurement-key.js';
import { MEASUREMENTS_FILE, MeasurementStore } from '../../../../trainer/src/fleet/measurement-store.js';
import { formatHtml } from '../../../../trainer/src/report/html.js';
import { formatJson } from '../../../../trainer/src/report/json.js';
import { rowLine } from '../../../../trainer/src/report/measurement-words.js';
import { buildReport, readRun } from '../../../../trainer/src/report/model.js';
import { LatencyFeed } from '../../../../trainer/src/training/latency-feed.js';
import { tuneProblems } from '../../../../trainer/src/tune/session.js';
import { measured, TASK } from '../../../support/agent.js';
import { FakeAgent } from '../../../support/fake-agent.js';
import { LIES, type Lie } from '../../../support/lies.js';
import { SimulatedDevice } from '../../../support/simulated-device.js';

// An agent that does each lie, under every command that believes agents.

const folder = mkdtempSync(join(tmpdir(), 'lying-agent-'));
afterAll(() => rmSync(folder, { recursive: true }));

const records: FactorizationRecord[] = [strassen(), winograd(), laderman()].map((factorization) => ({
  ...{ factorization, origin: 'imported' as const },
}));
const problem = TASK.problem;
const signal = new AbortController().signal;
/** Figures that only a lie can have put there. */
const WRONG = /NaN|Infinity|\b1000000000000\b|e\+1[12]/;

const liarOf = (lie: Lie): FakeAgent => new FakeAgent(async ({ jobId }) => lie(measured(1.1, jobId)), 'Liar');
const honestOne = (): FakeAgent => new FakeAgent(async ({ jobId }) => measured(1.3, jobId), 'Honest');

function poolOf(agents: Record<string, FakeAgent>): Promise<AgentPool> {
  return openPool(Object.entries(agents).map(([name, client]) => ({ name, client })));
}

describe('a lying agent', () => {
  it.each(LIES)('prints no wrong figure under benchmark, which goes on with the honest one: %s', async (_, lie) => {
    const pool = await poolOf({ liar: liarOf(lie), honest: honestOne() });
    const { rows, failures } = await benchmarkAll(pool, records, [problem], {
      ...{ backend: undefined, depth: 1, signal, onProgress: () => undefined },
    });
    expect(rows.map(({ agent }) => agent)).toEqual(['honest', 'honest', 'honest']);
    expect(failures).toHaveLength(3);
    for (const failure of failures) expect(failure).toContain('an answer of liar is not believed');
    for (const row of rows) expect(rowLine(row)).not.toMatch(WRONG);
    expect(pool.devices.map(({ agents }) => agents[0].name)).toEqual(['honest']);
    pool.close();
  });

  it.each(LIES)('gives fine-tuning no reward, which goes on with the honest one: %s', async (name, lie) => {
    const pool = await poolOf({ liar: liarOf(lie), honest: honestOne() });
    const store = MeasurementStore.open(join(folder, `${name}.sqlite`));
    const feed = new LatencyFeed({
      ...{ pool, store, problems: [{ problem, weight: 1 }], depth: 1, lambda: 7, campaign: { backend: 'c-gcc' } },
    });
    const bonuses = [];
    for (const { factorization } of [...records, records[0]]) {
      bonuses.push(await feed.measure({ factorization, hash: contentHash(factorization) }));
    }
    // Each is lost until the liar is left out; then the honest one's time is the reward, and bonuses count from the first.
    expect(bonuses).toEqual(['lost', 'lost', 0, 0]);
    expect([...feed.measured.values()]).toEqual([expect.closeTo(-1 / 1.3), expect.closeTo(-1 / 1.3)]);
    expect(new Set(store.all().map(({ agent }) => agent))).toEqual(new Set(['honest']));
    store.close();
    pool.close();
  });

  it.each(LIES)('puts nothing into the dispatch table of tune: %s', async (name, lie) => {
    const device = new SimulatedDevice();
    const truth = device.benchmark.bind(device);
    device.benchmark = async (request, options) => {
      const honest = await truth(request, options);
      // The same seed is asked for and applied, unless the lie is about it.
      return lie(honest);
    };
    const pool = await poolOf({ device });
    const store = MeasurementStore.open(join(folder, `tune ${name}.sqlite`));
    const result = await tuneProblems(
      records,
      {
        ...{
          agent: 'device',
          backend: 'c-gcc',
          variant: 'packed',
          levels: [0, 1],
          mixed: false,
          tunePlans: 0,
          seed: 1,
        },
        ...{ maxError: 4, prefer: 'fast', candidates: 4, workspaceTimes: 1 },
        problems: [{ m: 1024, k: 1024, n: 1024, dtype: 'f32', threads: 1 }],
      },
      {
        ...{ pool, store, seconds: undefined, signal },
        ...{ onProgress: () => undefined, onMessage: () => undefined, clock: () => device.now },
      },
    );
    expect(result.table.entries.map(({ winner }) => winner)).toEqual([null]);
    expect(result.table.entries.flatMap(({ finalists }) => finalists)).toEqual([]);
    expect(store.all()).toEqual([]);
    store.close();
    pool.close();
  });

  it('whose answers an earlier version stored is not believed by report and serve', async () => {
    const runDir = mkdtempSync(join(folder, 'run-'));
    const agent = honestOne();
    const pool = await poolOf({ honest: agent });
    const store = MeasurementStore.open(join(runDir, MEASUREMENTS_FILE));
    const { rows } = await benchmarkAll(pool, records, [problem], {
      ...{ backend: undefined, depth: 1, signal, onProgress: () => undefined, store },
    });
    LIES.forEach(([, lie], index) => {
      const [row] = rows;
      const jobId = `lie-${index}`;
      const outcome = lie({ ...measured(1.1, jobId) });
      // An earlier version stored what came.
      const key = measurementKey({ ...TASK, levels: [] }, agent.description);
      store.insert({ ...row, jobId, deviceId: `liar-${index}`, agent: 'liar', outcome }, key);
    });
    store.close();
    pool.close();
    // What report writes, and serve shows.
    const report = buildReport([readRun(runDir)]);
    const measuredRows = report.groups.flatMap((group) => group.rows).filter(({ figures }) => figures !== null);
    for (const { figures } of measuredRows) expect(figures?.speedup.estimate).toBeLessThan(1.4);
    const failed = report.failures.filter(({ deviceId }) => deviceId.startsWith('liar'));
    expect(failed.length).toBeGreaterThanOrEqual(LIES.length - 2);
    for (const { message } of failed) expect(message).toMatch(/^The stored answer is not believed: /);
    // The reasons may say what the lie was; no figure may.
    const said = [formatHtml(report), formatJson(report)].map((text) =>
      text
        .replaceAll(/The stored answer is not believed: [^"<]*/g, '')
        .replaceAll(/the agent reported a speed-up[^"<]*/g, ''),
    );
    for (const text of said) expect(text).not.toMatch(/\bNaN\b|\bInfinity\b|\b1000000000000\b|1\.0e\+12/);
  });
});
