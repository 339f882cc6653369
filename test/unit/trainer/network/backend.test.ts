import { expect, it, vi } from 'vitest';
import { startBackend } from '../../../../trainer/src/network/backend.js';

it('refuses a backend that is not there, then finds the fastest that is and says why not the others', async () => {
  vi.stubEnv('ALPHATENSOR_DATA_DIR', '/nonexistent');
  await expect(startBackend('node')).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringMatching(/node: not set up; at-trainer backend setup does it.*--tf-backend auto/),
  });
  const active = await startBackend('auto');
  expect(active.description).not.toBe('');
  for (const { name, reason } of active.unavailable) {
    expect(name).not.toBe(active.name);
    expect(reason).not.toBe('');
  }
});
