import type { ConsumerMessages } from '@nats-io/jetstream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watch } from '../../../../trainer/src/cluster/watchdog.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('ends a fetch that is silent, and not one that has messages or is refreshed or over', () => {
  let pending = 1;
  const stop = vi.fn();
  const watchdog = watch({ getPending: () => pending, stop } as unknown as ConsumerMessages);
  vi.advanceTimersByTime(6000);
  expect(stop).not.toHaveBeenCalled();
  pending = 0;
  vi.advanceTimersByTime(3000);
  watchdog.refresh();
  vi.advanceTimersByTime(4000);
  expect(stop).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1500);
  expect(stop).toHaveBeenCalledTimes(1);
  watchdog.end();
  vi.advanceTimersByTime(20_000);
  expect(stop).toHaveBeenCalledTimes(1);
});
