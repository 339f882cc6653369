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
import { resumesHere } from '../../../../trainer/src/training/resume-words.js';
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

  it('that cannot be written leaves nothing of itself, since a full disk needs the space', async () => {
    const runDir = join(folder, 'full');
    const { checkpoint } = await runTraining(CONFIG, { runDir, stop: { maxSteps: 1 } });
    const whole = await loadCheckpoint(checkpoint);
    // The files before it are written by then.
    const replay = new Proxy(
      {},
      {
        get: () => {
          throw new Error('ENOSPC: no space left on device');
        },
      },
    );
    const broken = {
      ...whole,
      resume: new Proxy(whole.resume!, {
        get: (of, key) => (key === 'optimizer' ? of.optimizer : key === 'played' ? replay : Reflect.get(of, key)),
      }),
    };
    await expect(saveCheckpoint(checkpointPath(runDir, 2), broken as never)).rejects.toThrow('ENOSPC');
    expect(readdirSync(join(runDir, 'checkpoints'))).toEqual(['step-000000001']);
    expect((await loadCheckpoint(checkpoint)).step).toBe(1);
  });

  it('that a run has not yet is said when it is resumed, and there is no word where it has one', async () => {
    const messages: string[] = [];
    const runDir = join(folder, 'full');
    expect(await resumesHere(runDir, (text) => messages.push(text))).toBe(true);
    expect(messages).toEqual([]);
    expect(await resumesHere(folder, (text) => messages.push(text))).toBe(false);
    expect(messages).toEqual([expect.stringContaining('has no checkpoint yet, so training begins again at step 0')]);
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
