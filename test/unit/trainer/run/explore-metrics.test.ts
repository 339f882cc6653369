import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ExploreMetrics } from '../../../../trainer/src/run/explore-metrics.js';

const runDir = mkdtempSync(join(tmpdir(), 'explore-metrics-'));
afterAll(() => rmSync(runDir, { recursive: true, force: true }));

const SIZE = { n: 2, m: 2, p: 2 };
const found = (rank: number, seconds: number, lifted = false) => ({
  ...({
    size: SIZE,
    rank,
    seconds,
    lifted,
    flips: 100 * seconds,
    arithmetic: 'modulo-2',
    composed: false,
    isInteger: true,
  } as const),
  ...{ hash: '', file: '' },
});
const progress = (seconds: number, bestRank?: number) => ({ seconds, flips: 100 * seconds, bestRank, size: SIZE });

it('are written now and then and at each find, and count all sessions together, also after a kill', () => {
  const first = new ExploreMetrics(runDir, SIZE);
  first.onProgress(progress(1));
  first.onProgress(progress(2));
  first.onFound(found(8, 3));
  first.onFound(found(8, 4, true));
  first.onFound(found(9, 5));
  first.onFound({ ...found(5, 6), size: { n: 1, m: 2, p: 3 } });
  first.onProgress(progress(14, 8));
  first.onProgress(progress(15, 8));
  appendFileSync(join(runDir, 'metrics.jsonl'), '{"time":16,"fl');
  new ExploreMetrics(runDir, SIZE).onFound(found(7, 1));
  const lines = readFileSync(join(runDir, 'metrics.jsonl'), 'utf8').trim().split('\n');
  expect(lines.filter((line) => line.endsWith('}')).map((line) => JSON.parse(line))).toEqual([
    { time: 1, flips: 100, flipsPerSecond: 100 },
    { time: 3, flips: 300, flipsPerSecond: 100, bestRank: 8 },
    { time: 5, flips: 500, flipsPerSecond: 100, bestRank: 8 },
    { time: 15, flips: 1500, flipsPerSecond: 100, bestRank: 8 },
    { time: 16, flips: 1600, flipsPerSecond: 100, bestRank: 7 },
  ]);
});
