import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { formatSize, saveFactorization, standard, strassen } from '../../../../shared/src/index.js';
import { flipping, presetForSize } from '../../../../trainer/src/presets.js';
import { loadCheckpoint, newestCheckpoint } from '../../../../trainer/src/run/checkpoint.js';
import type { MetricsLine } from '../../../../trainer/src/run/metrics.js';
import { OWN_WALKS } from '../../../../trainer/src/run/provenance.js';
import { PLAIN_REWARD } from '../../../../trainer/src/training/reward.js';
import { type FoundFactorization, runTraining } from '../../../../trainer/src/training/train.js';
import { onnxRuntime } from '../../../support/onnx-runtime.js';
import { SMALL_RUN as CONFIG, SMALL_NETWORK, smallConfig } from '../../../support/small-network.js';

const folder = mkdtempSync(join(tmpdir(), 'training-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
// Thousands of small operations; a machine that is busy with other tests needs its time.
vi.setConfig({ testTimeout: 90_000 });

describe('a training run', () => {
  it('that was stopped and resumed equals one that was not: weights, moments, replay', async () => {
    const whole = join(folder, 'whole');
    const parts = join(folder, 'parts');
    // Games are played through ONNX Runtime where it runs, here; in the middle of a round, below, through TensorFlow.js.
    const config = { ...CONFIG, actBackend: typeof onnxRuntime === 'string' ? ('tfjs' as const) : ('onnx' as const) };
    await runTraining(config, { runDir: whole, stop: { maxSteps: 6 } });
    await runTraining(config, { runDir: parts, stop: { maxSteps: 3 } });
    const second = await runTraining(config, { runDir: parts, stop: { maxSteps: 6 }, resume: true });
    expect(second.step).toBe(6);
    const [a, b] = [await loadCheckpoint(await newestCheckpoint(whole)), await loadCheckpoint(second.checkpoint)];
    expect(b.weights).toEqual(a.weights);
    expect(b.resume?.optimizer).toEqual(a.resume?.optimizer);
    expect(b.resume?.played).toEqual(a.resume?.played);
    expect(a.resume?.played.length).toBeGreaterThan(0);
    expect(b.resume?.best).toEqual(a.resume?.best);
  });

  it('goes on with its own walks as if it had not been stopped', async () => {
    const { demonstrations, moveLimit } = flipping(presetForSize('mid', { n: 2, m: 2, p: 2 }));
    const flips = {
      ...(demonstrations.flips as NonNullable<typeof demonstrations.flips>),
      everySteps: 1,
      flipsPerWalk: 4000,
    };
    const config = smallConfig({
      ...{ moveLimit, demonstrations: { ...demonstrations, flips } },
      acting: { ...CONFIG.acting, fromStep: 1, everySteps: 1, games: 1 },
      search: CONFIG.search,
    });
    const [whole, parts] = [join(folder, 'walks-whole'), join(folder, 'walks-parts')];
    await runTraining(config, { runDir: whole, stop: { maxSteps: 4 } });
    await runTraining(config, { runDir: parts, stop: { maxSteps: 2 } });
    const second = await runTraining(config, { runDir: parts, stop: { maxSteps: 4 }, resume: true });
    const [a, b] = [await loadCheckpoint(await newestCheckpoint(whole)), await loadCheckpoint(second.checkpoint)];
    expect(b.weights).toEqual(a.weights);
    expect(b.resume?.flips).toEqual(a.resume?.flips);
    expect(b.resume?.played).toEqual(a.resume?.played);
    expect(a.resume?.flips?.walked.map(({ factorization }) => factorization.rank)).toContain(7);
    expect(a.demonstrations).toEqual([OWN_WALKS]);
    expect(a.shownOrbits).toHaveLength(1);
  });

  it('plays further sizes by turns, and their ranks apart from that of its own', async () => {
    const runDir = join(folder, 'several-sizes');
    // <1,1,2> has rank 2, so that nothing can be found of it in one move; of <1,1,1> one move in 32 is right.
    const config = {
      ...CONFIG,
      size: { n: 1, m: 1, p: 2 },
      alsoSizes: [{ n: 1, m: 1, p: 1 }],
      moveLimit: 1,
      search: { ...CONFIG.search, simulations: 24, rootSamples: 24 },
    };
    const lines: MetricsLine[] = [];
    const result = await runTraining(config, {
      runDir,
      stop: { maxSteps: 8 },
      hooks: { onMetrics: (line) => lines.push(line) },
    });
    expect(result.bestRank).toBeUndefined();
    expect(lines.at(-1)?.['bestRank.1x1x1']).toBe(1);
    const { resume } = await loadCheckpoint(result.checkpoint);
    expect(new Set(resume?.played.map(({ moveLimit }) => moveLimit))).toEqual(new Set([1]));
    expect(resume?.best.every(({ factorization }) => formatSize(factorization.size) === '<1,1,1>')).toBe(true);
    expect(resume?.best.length).toBeGreaterThan(0);
  });

  it('that was stopped in the middle of a round of games plays it when it goes on', async () => {
    const whole = join(folder, 'whole-rounds');
    const parts = join(folder, 'half-round');
    const controller = new AbortController();
    // From the first round's end: two learner steps, which take no turn of their own through TensorFlow.js, then the first call of the network in the second round.
    const stopInNextRound = async (): Promise<void> => {
      for (let turn = 0; turn < 3; turn++) await setImmediate();
      controller.abort();
    };
    const config = { ...CONFIG, actBackend: 'tfjs' as const, learnBackend: 'tfjs' as const };
    await runTraining(config, { runDir: whole, stop: { maxSteps: 5 } });
    const first = await runTraining(config, {
      runDir: parts,
      stop: { maxSteps: 5 },
      signal: controller.signal,
      hooks: { onMetrics: () => void stopInNextRound() },
    });
    expect(first).toMatchObject({ reason: 'aborted', step: 4, games: 2 });
    const second = await runTraining(config, { runDir: parts, stop: { maxSteps: 5 }, resume: true });
    const [a, b] = [await loadCheckpoint(await newestCheckpoint(whole)), await loadCheckpoint(second.checkpoint)];
    expect(a.resume?.played).toHaveLength(4);
    expect(b.resume?.played).toEqual(a.resume?.played);
    expect(b.weights).toEqual(a.weights);
  });

  it('without own games learns all the same', async () => {
    const config = { ...CONFIG, acting: { ...CONFIG.acting, games: 0 } };
    const played = await runTraining(CONFIG, { runDir: join(folder, 'played'), stop: { maxSteps: 4 } });
    const result = await runTraining(config, { runDir: join(folder, 'unplayed'), stop: { maxSteps: 4 } });
    expect(played.games).toBeGreaterThan(0);
    expect(result).toMatchObject({ step: 4, games: 0 });
  });

  it('reports, keeps the newest checkpoints and stops when told', async () => {
    const runDir = join(folder, 'reports');
    const lines: MetricsLine[] = [];
    const controller = new AbortController();
    const result = await runTraining(
      { ...CONFIG, checkpoints: { everySteps: 1, keep: 2 } },
      {
        runDir,
        stop: {},
        signal: controller.signal,
        hooks: {
          onMetrics: (line) => {
            lines.push(line);
            if (line.step === 4) controller.abort();
          },
        },
      },
    );
    expect(result).toMatchObject({
      reason: 'aborted',
      step: 4,
      games: 4,
      backend: { name: 'wasm' },
      demonstrations: [],
      grownFrom: [],
    });
    expect(lines).toMatchObject([
      { step: 2, games: 2, treeSearch: 1 },
      { step: 4, games: 2 },
    ]);
    expect(readdirSync(join(runDir, 'checkpoints'))).toEqual(['step-000000003', 'step-000000004']);
  });

  it('says which demonstrations went in, also when a later run starts from its checkpoint', async () => {
    const file = join(folder, 'strassen.json');
    await saveFactorization(file, { factorization: strassen(), origin: 'imported' });
    const plain = smallConfig();
    const config = { ...plain, demonstrations: { ...plain.demonstrations, files: [file] } };
    const first = await runTraining(config, { runDir: join(folder, 'shown'), stop: { maxSteps: 1 } });
    expect(first.demonstrations).toEqual([file]);
    const later = await runTraining(plain, {
      runDir: join(folder, 'later'),
      stop: { maxSteps: 1 },
      checkpoint: first.checkpoint,
    });
    expect(later.demonstrations).toEqual([file]);
  });

  it('fills in measured rewards while it goes on, and ends with the error of a measurement that failed', async () => {
    // <1,1,1> is solved by its first move whatever the network says.
    const config = smallConfig({
      ...presetForSize('tiny', { n: 1, m: 1, p: 1 }),
      network: { ...SMALL_NETWORK, historyLength: 0 },
      search: CONFIG.search,
      learner: CONFIG.learner,
      acting: CONFIG.acting,
      tfBackend: 'wasm',
    });
    const found: FoundFactorization[] = [];
    const result = await runTraining(config, {
      runDir: join(folder, 'measured'),
      stop: { maxSteps: 4 },
      reward: {
        ...PLAIN_REWARD,
        isPlain: false,
        estimate: (factorization) => (factorization === undefined ? -4 : -1),
        measure: async () => -0.75,
      },
      hooks: { onFactorization: (one) => void found.push(one) },
    });
    expect(result.bestRank).toBe(1);
    expect(found.filter(({ isNew }) => isNew)).toHaveLength(1);
    const { resume } = await loadCheckpoint(result.checkpoint);
    expect(resume?.best).toMatchObject([{ bonus: -0.75 }]);
    expect(resume?.played.filter(({ bonus }) => bonus === -0.75).length).toBeGreaterThan(0);
    await expect(
      runTraining(config, {
        runDir: join(folder, 'failed'),
        stop: { maxSteps: 20 },
        reward: { ...PLAIN_REWARD, isPlain: false, measure: () => Promise.reject(new Error('the agent is gone')) },
      }),
    ).rejects.toThrow('the agent is gone');
  });
});

describe('demonstrations', () => {
  it('that do not fit the game are refused', async () => {
    const file = join(folder, 'standard.json');
    await saveFactorization(file, { factorization: standard({ n: 1, m: 2, p: 3 }), origin: 'imported' });
    const config = smallConfig({ demonstrations: { ...CONFIG.demonstrations, files: [file] } });
    await expect(runTraining(config, { runDir: join(folder, 'bad'), stop: { maxSteps: 1 } })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      details: { field: 'demonstrations.files' },
    });
  });
});
