import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DispatchEntry, laderman, strassen, winograd } from '@alphatensor-edge/shared';
import { afterAll, describe, expect, it } from 'vitest';
import { openPool } from '../../../../trainer/src/fleet/agent-pool.js';
import { MeasurementStore } from '../../../../trainer/src/fleet/measurement-store.js';
import { benchmarkRequest } from '../../../../trainer/src/fleet/request.js';
import { candidateOf, combinationsOf, isLargeEnough, schemesOf } from '../../../../trainer/src/tune/combinations.js';
import { dispatchLines } from '../../../../trainer/src/tune/dispatch.js';
import { tuneProblems } from '../../../../trainer/src/tune/session.js';
import type { TuneSettings } from '../../../../trainer/src/tune/settings.js';
import { nextShare } from '../../../../trainer/src/tune/shares.js';
import { SimulatedDevice } from '../../../support/simulated-device.js';

const folder = mkdtempSync(join(tmpdir(), 'tune-session-'));
afterAll(() => rmSync(folder, { recursive: true }));

const problem = (m: number, k = m, n = m) => ({ m, k, n, dtype: 'f32' as const, threads: 1 });
const records = [strassen(), winograd(), laderman()].map((factorization) => ({
  ...{ factorization, origin: 'imported' as const },
}));
const settings: TuneSettings = {
  ...{ agent: 'device', backend: 'c-gcc', variant: 'packed', levels: [0, 3], mixed: true, tunePlans: 8, seed: 1 },
  ...{ maxError: 4, prefer: 'fast', candidates: 24, workspaceTimes: 1 },
  problems: [problem(1024), problem(2048), problem(512, 4096, 4096), problem(2048, 4096, 4096)],
};

/** Tunes on a simulated device, in a store of its own unless it is given one. */
async function tuned(name: string, seconds: number | undefined, changes: Partial<TuneSettings> = {}) {
  const device = new SimulatedDevice();
  const pool = await openPool([{ name: 'device', client: device }]);
  const store = MeasurementStore.open(join(folder, `${name}.sqlite`));
  const result = await tuneProblems(
    records,
    { ...settings, ...changes },
    {
      ...{ pool, store, seconds, signal: new AbortController().signal },
      ...{ onProgress: () => undefined, onMessage: () => undefined, clock: () => device.now },
    },
  );
  store.close();
  pool.close();
  return { device, ...result };
}

/** The fastest of all combinations on the device that are accurate enough. */
function fastestSeconds(device: SimulatedDevice, of: TuneSettings['problems'][number], maxError: number): number {
  const times = combinationsOf(schemesOf(records), settings)
    .filter((combination) => isLargeEnough(of, combination))
    .map((combination) => {
      const { levels } = candidateOf(combination);
      const { seconds, error } = device.truth(
        benchmarkRequest({ levels, problem: of, backend: 'c-gcc', variant: 'packed' }, 'job'),
      );
      return error <= maxError * 1e-7 * (1 + 1e-9) ? seconds : Number.POSITIVE_INFINITY;
    });
  return Math.min(...times);
}

const secondsOf = ({ winner }: DispatchEntry): number => winner?.seconds ?? Number.NaN;

describe('a tuning run', () => {
  it('finishes every problem within the budget, with what is nearly the fastest of the accurate ones', async () => {
    const { device, table, unfinished, failures } = await tuned('four', 240);
    expect([unfinished, failures]).toEqual([0, 0]);
    expect(device.now).toBeLessThan(240);
    for (const entry of table.entries) {
      expect(entry.winner?.errorRatio).toBeLessThanOrEqual(4);
      expect(secondsOf(entry) / fastestSeconds(device, entry.problem, 4)).toBeLessThan(1.03);
    }
    const [model] = table.timeModels ?? [];
    expect(model.error90).toBeLessThan(0.1);
    // What was chosen was tried on further inputs, and what was only screened was not.
    const onFurther = device.requests.filter(({ protocol }) => protocol?.includeFurtherInputs);
    expect(onFurther.length).toBeLessThanOrEqual(2 * table.entries.length);
    for (const { fast, accurate } of table.entries) {
      for (const choice of [fast, accurate])
        expect(choice?.inputErrors?.map(({ inputs }) => inputs)).toEqual(['all-positive', 'badly scaled']);
    }
    expect(dispatchLines(table.entries.slice(0, 1))[1]).toMatch(
      /^ {2}its error is [\d.]+x the baseline's on all-positive inputs, [\d.e+]+x the baseline's on badly scaled inputs$/,
    );
  });

  it('times short products first, and lists the problems as they were given', async () => {
    const { device, table } = await tuned('order', 240, { problems: [problem(2048, 4096, 4096), problem(1024)] });
    const sizes = device.requests.map(({ problem: timed }) => timed?.m);
    expect([sizes[0], sizes.at(-1)]).toEqual([1024, 2048]);
    expect(sizes).toEqual([...sizes].sort((a, b) => (a ?? 0) - (b ?? 0)));
    expect(table.entries.map((entry) => entry.problem.m)).toEqual([2048, 1024]);
  });

  it('without a budget times as many combinations as are asked for, and leaves out what is clearly too inaccurate', async () => {
    const { device, table } = await tuned('unbounded', undefined, {
      ...{ problems: [problem(2048)], candidates: 5, maxError: 2.5 },
    });
    const tried = new Set(device.requests.map(({ levels }) => JSON.stringify(levels)));
    // Own <1,1,1> too.
    expect(tried.size).toBeLessThanOrEqual(6);
    const ratios = device.requests.map((request) => device.truth(request).error / 1e-7);
    expect(Math.max(...ratios)).toBeLessThanOrEqual(1.3 * 2.5);
    expect(secondsOf(table.entries[0])).toBe(fastestSeconds(device, problem(2048), 2.5));
  });

  it('says what it could not finish, and keeps the best of what was measured', async () => {
    const { device, table, unfinished } = await tuned('short', 9, { problems: [problem(2048), problem(4096)] });
    expect(unfinished).toBeGreaterThan(0);
    // A trial that has begun is not cut off by the plan, only by the command.
    expect(device.now).toBeLessThan(30);
    for (const { isComplete, reason } of table.entries) {
      if (!isComplete) expect(reason).toMatch(/^The search ended before its last round|^Nothing was measured/);
    }
  });

  it('goes on from the store without measuring anything twice', async () => {
    const first = await tuned('resumed', undefined, { problems: [problem(1024)], candidates: 6 });
    const again = await tuned('resumed', undefined, { problems: [problem(1024)], candidates: 6 });
    expect(first.device.requests.length).toBeGreaterThan(6);
    expect(again.device.requests).toEqual([]);
    expect(again.table.entries).toEqual(first.table.entries);
  });
});

describe('the share of a problem', () => {
  it('is in proportion to what it needs, and what was saved goes to those that follow', () => {
    const seconds = [0.01, 0.1, 0.1, 0.4];
    const [first] = [nextShare(240, seconds)];
    expect(nextShare(240 - first, seconds.slice(1))).toBeGreaterThan(first);
    // Used up as planned, the last one has as much as it would have had at first.
    let left = 240;
    const shares = seconds.map((_, index) => {
      const share = nextShare(left, seconds.slice(index));
      left -= share;
      return share;
    });
    expect(left).toBeCloseTo(0, 9);
    expect(shares[1]).toBeCloseTo(shares[2], 9);
    expect(nextShare(240 - first / 2, seconds.slice(1))).toBeGreaterThan(shares[1]);
  });
});
