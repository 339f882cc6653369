import { describe, expect, it } from 'vitest';
import type { JobState } from '../../../../../proto/src/index.js';
import { type DevicesInRuns, devicesPage } from '../../../../../trainer/src/report/live/devices-page.js';
import { sessionSeconds } from '../../../../../trainer/src/report/live/words.js';
import { DESCRIPTION } from '../../../../support/agent.js';

const MINUTE_MS = 60_000;
const job: JobState = {
  ...{ jobId: 'a', stage: 'JOB_STAGE_MEASURING', backend: 'c-gcc', seconds: 75 },
  levels: [{ n: 2, m: 2, p: 2, rank: 7 }],
  problem: { m: 512, k: 512, n: 512, dataType: 'DATA_TYPE_F32', threads: 1 },
};
const waiting: JobState = { ...job, jobId: 'b', stage: 'JOB_STAGE_QUEUED', levels: [] };
const none: DevicesInRuns = { lastMeasured: () => undefined, liveRunsOf: () => [] };

/** The text of each cell by the name of its column. */
function cellsOf(agent: object, runs: Partial<DevicesInRuns> = {}): Record<string, string> {
  const address = '127.0.0.1:50051';
  const known = { name: 'laptop', address, lastContact: new Date().toISOString(), description: DESCRIPTION };
  const agents = [{ ...known, state: 'busy' as const, ...agent }];
  const { body } = devicesPage({ agents, admissions: [], error: undefined }, { ...none, ...runs });
  const cells = [...body.text.matchAll(/<td data-label="([^"]+)"[^>]*>(.*?)<\/td>/g)];
  return Object.fromEntries(
    cells.map(([, name, html]) => [
      name,
      html
        .replace(/<[^>]+>/g, ' ')
        .replace(/\s+/g, ' ')
        .trim(),
    ]),
  );
}

describe('the page of devices', () => {
  it('names the job that runs, those that wait, and the runs that they are for', () => {
    const queue = { runningJobs: 1, waitingJobs: 3, capacityJobs: 16 };
    const busy = { description: { ...DESCRIPTION, queue, jobs: [job, waiting] } };
    const words = cellsOf(busy, { liveRunsOf: () => ['first', 'second'] })['Busy with'];
    expect(words).toBe(
      'measuring &lt;2,2,2;7&gt; at 512x512x512 f32, 1 thread, with c-gcc for 1 min 15 s ' +
        'waiting here: the baseline at 512x512x512 f32, 1 thread, with c-gcc and 2 jobs more of the runs first and second',
    );
    expect(cellsOf({ state: 'up' })['Busy with']).toBe('nothing');
    // An agent that is older than this.
    expect(cellsOf({ description: { ...DESCRIPTION, queue } })['Busy with']).toBe('1 job, 3 waiting');
  });

  it('shows the temperature now, or the last one known and when that was', () => {
    const hours = (count: number): string => new Date(Date.now() - count * 60 * MINUTE_MS).toISOString();
    const description = { ...DESCRIPTION, temperatureCelsius: 53.6 };
    const last = { at: hours(3), environment: { temperatureCelsius: 61, pinnedCpus: [2] } as never };
    const lastMeasured = (): typeof last => last;
    expect(cellsOf({ description }).Temperature).toBe('54 °C now');
    expect(cellsOf({ description, state: 'lost', lastContact: hours(2) }).Temperature).toBe('54 °C 2 h ago');
    expect(cellsOf({}, { lastMeasured }).Temperature).toBe('61 °C 3 h ago measured 3 h ago: temperature 61 °C, CPUs 2');
    expect(cellsOf({}).Temperature).toBe('unknown');
  });
});

it('a run goes on until now, until it ended, or until its last change if it crashed', () => {
  const began = '2026-01-02T03:00:00.000Z';
  const minutes = (count: number): Date => new Date(Date.parse(began) + count * MINUTE_MS);
  const [changed, now] = [minutes(2), minutes(9)];
  const at = minutes(5).toISOString();
  const secondsOf = (state: 'live' | 'ended' | 'crashed'): number | undefined =>
    sessionSeconds({ state, at, began }, changed, now);
  expect(secondsOf('live')).toBe(9 * 60);
  expect(secondsOf('ended')).toBe(5 * 60);
  expect(secondsOf('crashed')).toBe(2 * 60);
  expect(sessionSeconds({ state: 'ended', at }, changed, now)).toBeUndefined();
});
