import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { enroll } from '../../../../../agent/src/trainer/client.js';
import { clockFault, isClockFault } from '../../../../../agent/src/trainer/clock.js';
import { startTestTrainer, type TestTrainer } from '../../../../support/trust.js';

const MONTH_MS = 30 * 24 * 3600 * 1000;

let trainer: TestTrainer;
beforeAll(async () => {
  // Its certificates begin in a month, as they do for a device whose clock is a month behind.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + MONTH_MS });
  trainer = await startTestTrainer();
  vi.useRealTimers();
});
afterAll(() => trainer.close());

it('a device whose clock is wrong hears both clocks, not that no hub runs', async () => {
  const failure = await enroll(trainer.address, trainer.invite('late')).catch((error: Error) => error);
  expect(failure).toMatchObject({ code: 'UNAVAILABLE' });
  const { message } = failure as Error;
  expect(message).toMatch(/this device's clock says [\d-]+T[\d:]+Z, and the trainer's [\d-]+T[\d:]+Z; set the clock/);
  expect(message).not.toContain('No trainer answers');
});

it('a trainer that does not say its time leaves the device its own', () => {
  const { message } = clockFault('hub:50052', undefined, undefined, new Date(0));
  expect(message).toContain("this device's clock says 1970-01-01T00:00:00Z; set the clock");
  expect(['certificate has expired', 'connect ECONNREFUSED'].map(isClockFault)).toEqual([true, false]);
});
