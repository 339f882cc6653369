import { describe, expect, it } from 'vitest';
import { ControlCache } from '../../../../agent/src/measure/control-cache.js';

const QUIET = { estimate: 1, low: 0.997, high: 1.003 };
const BUSY = { estimate: 1.2, low: 1.1, high: 1.3 };
const MINUTE = 60_000;

/** A cache with a clock of its own, and how often each key was timed. */
function cache(intervals = [QUIET]) {
  const taken: string[] = [];
  const clock = { now: 0 };
  const controls = new ControlCache(() => clock.now);
  const get = (key: string) =>
    controls.get(key, async () => {
      taken.push(key);
      return intervals[Math.min(taken.length, intervals.length) - 1];
    });
  return { taken, clock, get, controls };
}

describe('the control', () => {
  it('is taken for each problem, and kept for some minutes', async () => {
    const { taken, clock, get } = cache();
    await get('a');
    await get('b');
    clock.now = 9 * MINUTE;
    expect(await get('a')).toEqual(QUIET);
    expect(taken).toEqual(['a', 'b']);
    clock.now = 11 * MINUTE;
    await get('a');
    expect(taken).toEqual(['a', 'b', 'a']);
  });

  it('is taken again after one that was disturbed, so that a busy moment forbids no later claim', async () => {
    const { taken, get } = cache([BUSY, QUIET]);
    expect(await get('a')).toEqual(BUSY);
    expect(await get('a')).toEqual(QUIET);
    expect(await get('a')).toEqual(QUIET);
    expect(taken).toHaveLength(2);
  });

  it('is taken again after one that was cancelled', async () => {
    const { controls, get } = cache();
    await expect(controls.get('a', () => Promise.reject(new Error('stopped')))).rejects.toThrow('stopped');
    expect(await get('a')).toEqual(QUIET);
  });
});
