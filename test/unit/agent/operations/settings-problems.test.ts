import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startAgent } from '../../../../agent/src/agent.js';
import { resolveSettings } from '../../../../agent/src/config/resolve.js';
import type { Settings } from '../../../../agent/src/config/settings.js';
import { settingsProblems } from '../../../../agent/src/operations/settings-problems.js';
import { createLogger } from '../../../../shared/src/index.js';

// What `config check` says of settings that are well formed but that `serve` could not start with.

const folder = mkdtempSync(join(tmpdir(), 'at-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => void vi.stubEnv('ALPHATENSOR_STATE_DIR', folder));
afterEach(() => void vi.unstubAllEnvs());

const settings = (changes: Partial<Settings> = {}): Settings => ({
  ...resolveSettings({}, undefined, { XDG_CONFIG_HOME: folder }).settings,
  ...changes,
});

it('has nothing to say of the defaults', async () => {
  expect(await settingsProblems(settings())).toEqual([]);
});

it.each([
  [{ backend: ['c-gc'] }, /^There is no backend "c-gc"; there are c-gcc, /],
  [{ host: '0.0.0.0' }, /^Other machines could reach "0\.0\.0\.0", but this device is not enrolled/],
  [{ connect: true }, /^This device is not enrolled; run at-agent enroll/],
  [{ host: 'none' }, /^With --host none nobody could ask this agent; add --connect/],
  [{ connect: 'trainer' }, /trainer/],
  [{ port: 5000, metricsPort: 5000 }, /^The port of metrics, 5000, is the one that the agent listens on/],
] as const)('refuses %j, as serve does', async (changes, sentence) => {
  expect(await settingsProblems(settings(changes))).toEqual([expect.stringMatching(sentence)]);
});

it.each([[{ backend: ['c-gc'] }], [{ connect: true }], [{ host: 'none' }]] as const)(
  'says of %j what serve says',
  async (changes) => {
    const refusal = await startAgent(settings(changes), createLogger('test', 'silent', 'json')).catch(
      (error: Error) => error.message,
    );
    expect(await settingsProblems(settings(changes))).toEqual([refusal]);
  },
);
