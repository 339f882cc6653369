import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '@alphatensor-edge/shared';
import { afterAll, describe, expect, it } from 'vitest';
import type { TrainingConfig } from '../../trainer/src/config.js';
import { loadCheckpoint } from '../../trainer/src/run/checkpoint.js';
import type { MetricsLine } from '../../trainer/src/run/metrics.js';
import type { ActedGame } from '../../trainer/src/training/round.js';
import { microConfig, saveMicroCheckpoint, startTrainer, temporaryFolder } from '../support/trainer-process.js';

const folder = temporaryFolder();
const inFolder = (name: string): string => join(folder.path, name);
afterAll(() => folder.remove());

// From the build: a worker thread runs a file of JavaScript.
const dist = new URL('../../trainer/dist/', import.meta.url);
const load = (name: string) => import(/* @vite-ignore */ new URL(name, dist).href);
const { ActorPool } = await load('training/actor-pool.js');
const { runTraining } = await load('training/train.js');
const { Network } = await load('network/model.js');
const { startBackend } = await load('network/backend.js');
const { chooseActBackend } = await load('network/act-backend.js');
const { gameRules } = await load('config.js');

const CONFIG: TrainingConfig = {
  ...microConfig(),
  acting: { ...microConfig().acting, mode: 'mcts', fromStep: 2, everySteps: 2, games: 5, workers: 2 },
  tfBackend: 'wasm',
};

describe('games on two worker threads', () => {
  it('are the same again, in order, and after a resume', async () => {
    const run = async (name: string, ...parts: number[]) => {
      for (const [index, maxSteps] of parts.entries()) {
        const options = { runDir: inFolder(name), stop: { maxSteps }, resume: index > 0 };
        const result = await runTraining(CONFIG, options);
        if (index === parts.length - 1) return loadCheckpoint(result.checkpoint);
      }
    };
    const whole = await run('whole', 6);
    const played = whole?.resume?.played ?? [];
    expect(played.map(({ id }) => id)).toEqual(
      [2, 4, 6].flatMap((step) => [0, 1, 2, 3, 4].map((index) => `step-${step}-${index}`)),
    );
    for (const other of [await run('again', 6), await run('parts', 3, 6)]) {
      expect(other?.weights).toEqual(whole?.weights);
      expect(other?.resume?.played).toEqual(played);
      expect(other?.resume?.best).toEqual(whole?.resume?.best);
    }
  });

  it('are those of one thread, but for the draws of the network', async () => {
    const one = await oneRound(1);
    const two = await oneRound(2);
    expect(two.map(({ id }) => id)).toEqual(one.map(({ id }) => id));
    expect(two.map(({ stored }) => stored?.opening)).toEqual(one.map(({ stored }) => stored?.opening));
    expect(two.some(({ found }) => found.length > 0)).toBe(true);
  });

  it('stop when told', async () => {
    const controller = new AbortController();
    controller.abort();
    await expect(oneRound(2, controller.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('are an option of train, which a run keeps', async () => {
    await saveMicroCheckpoint(inFolder('micro'));
    const train = (...options: string[]) => startTrainer(['train', ...options], inFolder('config')).ended;
    const runDir = ['--run-dir', inFolder('cli')];
    const network = ['--size', '1,1,2', '--checkpoint', inFolder('micro'), '--tf-backend', 'wasm'];
    const start = [...network, '--games', '3', '--workers', '2'];
    const { code, stderr } = await train(...runDir, ...start, '--max-steps', '1');
    expect([code, stderr]).toEqual([0, expect.stringContaining('games are played by 2 threads')]);
    const { training } = JSON.parse(readFileSync(join(inFolder('cli'), 'config.json'), 'utf8'));
    expect(training.acting).toMatchObject({ workers: 2, games: 3 });
    const resumed = await train(...runDir, '--resume', '--workers', '1');
    expect([resumed.code, resumed.stderr]).toEqual([2, expect.stringContaining('--workers cannot be changed')]);
  });
});

describe('games on two worker threads while the learner learns', () => {
  const MEANWHILE: TrainingConfig = {
    ...CONFIG,
    acting: { ...CONFIG.acting, play: 'meanwhile', maxStaleness: 3 },
  };

  it('are taken as they end, no staler than the bound, and counted on after a resume', async () => {
    const runDir = inFolder('meanwhile');
    const lines: MetricsLine[] = [];
    const hooks = { onMetrics: (line: MetricsLine) => void lines.push(line) };
    const first = await runTraining(MEANWHILE, { runDir, stop: { maxSteps: 12 }, hooks });
    expect(first.games).toBeGreaterThan(4);
    const stale = lines.flatMap(({ maxStaleness }) => maxStaleness ?? []);
    expect(stale.length).toBeGreaterThan(0);
    // A game ends at most `maxStaleness` steps after the weights that it began with, and is taken after the step under way.
    expect(Math.max(...stale)).toBeLessThanOrEqual(3 + 1);
    const { resume } = await loadCheckpoint(first.checkpoint);
    expect(resume?.games).toBe(first.games);
    const second = await runTraining(MEANWHILE, { runDir, stop: { maxSteps: 18 }, resume: true });
    expect(second.games).toBeGreaterThan(first.games);
    const ids = (await loadCheckpoint(second.checkpoint)).resume?.played.map(({ id }) => id) ?? [];
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('are refused with a reward that only the main thread can estimate', async () => {
    const reward = { isPlain: false, estimate: () => 0, measure: async () => undefined, known: () => undefined };
    const run = runTraining(MEANWHILE, { runDir: inFolder('with-latency'), stop: { maxSteps: 1 }, reward });
    await expect(run).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('--play') });
  });
});

async function oneRound(size: number, signal?: AbortSignal): Promise<ActedGame[]> {
  const backend = await startBackend('wasm');
  const network = new Network(CONFIG.network, gameRules(CONFIG), new Random('a network'));
  const pool = new ActorPool(network, CONFIG, chooseActBackend('tfjs', backend), size);
  try {
    return await pool.act({ searcher: 'mcts', games: 7, name: 'round', random: new Random(5), signal });
  } finally {
    await pool.close();
    network.dispose();
  }
}
