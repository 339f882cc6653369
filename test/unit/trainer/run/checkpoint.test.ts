import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import {
  checkpointPath,
  loadCheckpoint,
  newestCheckpoint,
  saveCheckpoint,
} from '../../../../trainer/src/run/checkpoint.js';
import { runTraining } from '../../../../trainer/src/training/train.js';
import { SMALL_RUN as CONFIG, SMALL_NETWORK } from '../../../support/small-network.js';

const folder = mkdtempSync(join(tmpdir(), 'checkpoint-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
// Thousands of small operations; a machine that is busy with other tests needs its time.
vi.setConfig({ testTimeout: 90_000 });

describe('a checkpoint', () => {
  it('of another network, a damaged one and a missing one are refused in words', async () => {
    const run = await runTraining(CONFIG, { runDir: join(folder, 'base'), stop: { maxSteps: 1 } });
    const wider = { ...CONFIG, network: { ...SMALL_NETWORK, value: { ...SMALL_NETWORK.value, width: 9 } } };
    const start = (checkpoint: string, config = CONFIG) =>
      runTraining(config, { runDir: join(folder, 'other'), stop: { maxSteps: 1 }, checkpoint });
    await expect(start(run.checkpoint, wider)).rejects.toThrow(
      /value\/in\/w is \[16,8\] in it and \[16,9\] in the network/,
    );
    await expect(start(join(folder, 'nothing'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    truncateSync(join(run.checkpoint, 'weights.safetensors'), 100);
    await expect(start(run.checkpoint)).rejects.toMatchObject({ code: 'UNSUPPORTED_FORMAT' });
    writeFileSync(join(run.checkpoint, 'checkpoint.json'), '{');
    await expect(start(run.checkpoint)).rejects.toMatchObject({ code: 'UNSUPPORTED_FORMAT' });
  });

  it('survives being killed in the middle of another: leftovers are passed over and cleared away', async () => {
    const runDir = join(folder, 'killed');
    const run = await runTraining(CONFIG, { runDir, stop: { maxSteps: 2 } });
    for (const left of [`${checkpointPath(runDir, 3)}.partial`, `${checkpointPath(runDir, 1)}.replaced`]) {
      mkdirSync(left);
      writeFileSync(join(left, 'checkpoint.json'), '{');
    }
    expect(await newestCheckpoint(runDir)).toBe(run.checkpoint);
    const next = await runTraining(CONFIG, { runDir, stop: { maxSteps: 3 }, resume: true });
    expect(next.step).toBe(3);
    expect(readdirSync(join(runDir, 'checkpoints'))).toEqual(['step-000000002', 'step-000000003']);
    // Saved twice at one step, it is replaced.
    await runTraining(CONFIG, { runDir, stop: { maxSteps: 3 }, resume: true });
    expect(readdirSync(join(runDir, 'checkpoints'))).toEqual(['step-000000002', 'step-000000003']);
  });

  it('without its optimizer is enough to start from, not to resume', async () => {
    const run = await runTraining(CONFIG, { runDir: join(folder, 'full'), stop: { maxSteps: 1 } });
    const full = await loadCheckpoint(run.checkpoint);
    const { weights } = full;
    const directory = join(folder, 'light', 'checkpoints', 'step-000000001');
    await saveCheckpoint(directory, { ...full, resume: undefined }, 'F16');
    const loaded = await loadCheckpoint(directory);
    expect(loaded.resume).toBeUndefined();
    loaded.weights.forEach(({ values }, i) => {
      values.forEach((value, j) => {
        expect(Math.abs(value - weights[i].values[j])).toBeLessThanOrEqual(
          Math.abs(weights[i].values[j]) * 2 ** -11 + 2 ** -25,
        );
      });
    });
    await expect(
      runTraining(CONFIG, { runDir: join(folder, 'light'), stop: { maxSteps: 2 }, resume: true }),
    ).rejects.toThrow(/cannot be resumed/);
  });
});
