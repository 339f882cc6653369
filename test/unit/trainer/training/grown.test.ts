import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { Random, saveFactorization, standard } from '../../../../shared/src/index.js';
import { gameRules, type TrainingConfig } from '../../../../trainer/src/config.js';
import { growing } from '../../../../trainer/src/presets.js';
import { buildReport, type RunData } from '../../../../trainer/src/report/model.js';
import { provenanceSentence } from '../../../../trainer/src/report/words.js';
import { loadCheckpoint, newestCheckpoint } from '../../../../trainer/src/run/checkpoint.js';
import type { MetricsLine } from '../../../../trainer/src/run/metrics.js';
import { provenanceWords } from '../../../../trainer/src/run/provenance.js';
import { loadParts } from '../../../../trainer/src/training/parts.js';
import { ReplayBuffer } from '../../../../trainer/src/training/replay-buffer.js';
import { type FoundFactorization, runTraining } from '../../../../trainer/src/training/train.js';
import { smallConfig } from '../../../support/small-network.js';

const folder = mkdtempSync(join(tmpdir(), 'training-grown-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
vi.setConfig({ testTimeout: 90_000 });

/** <1,1,2> grown from a file of <1,1,1>, of which an untrained network finds something now and then. */
async function grownConfig(): Promise<{ config: TrainingConfig; file: string }> {
  const file = join(folder, 'part.json');
  await saveFactorization(file, { factorization: standard({ n: 1, m: 1, p: 1 }), origin: 'rl' });
  const base = smallConfig({ size: { n: 1, m: 1, p: 2 }, moveLimit: 3 });
  return { config: growing(base, [file]), file };
}

it('names what it was grown from in its findings and its checkpoint, also after being resumed and started from', async () => {
  const { config, file } = await grownConfig();
  const source = `${file} (<1,1,1> of rank 1, origin rl)`;
  const found: FoundFactorization[] = [];
  const metrics: MetricsLine[] = [];
  const runDir = join(folder, 'run');
  const hooks = {
    onFactorization: (one: FoundFactorization) => void found.push(one),
    onMetrics: (line: MetricsLine) => metrics.push(line),
  };
  await runTraining(config, { runDir, stop: { maxSteps: 4 }, hooks });
  const result = await runTraining(config, { runDir, stop: { maxSteps: 8 }, resume: true, hooks });
  expect(result.grownFrom).toEqual([source]);
  expect(result.demonstrations).toEqual([]);
  expect(found.length).toBeGreaterThan(0);
  expect(found.every(({ grownFrom }) => grownFrom.join() === source)).toBe(true);
  const checkpoint = await loadCheckpoint(await newestCheckpoint(runDir));
  expect(checkpoint.grownFrom).toEqual([source]);
  // Started from its weights without growing, the network is still one that was grown.
  const next = await runTraining(growing(config, []), {
    runDir: join(folder, 'next'),
    stop: { maxSteps: 1 },
    checkpoint: result.checkpoint,
  });
  expect(next.grownFrom).toEqual([source]);
});

it('draws the wanted share of its synthetic examples from grown games', async () => {
  const { config, file } = await grownConfig();
  const { parts } = await loadParts([file], gameRules(config));
  // With neither bases nor random terms, a grown game is an elementary product and nothing else.
  const grown = { ...config.demonstrations.grown, share: 0.5, maxExtra: 0, canonicalProbability: 1 };
  const dense = { ...config.demonstrations.synthetic, zeroProbability: [0, 0] as [number, number] };
  const replay = new ReplayBuffer(
    gameRules(config),
    { ...config, demonstrations: { ...config.demonstrations, synthetic: dense, grown } },
    parts,
  );
  const random = new Random('share');
  const sparse = Array.from({ length: 400 }, () => replay.sample(random)).filter(({ actions }) =>
    actions.every((action) => action.filter((x) => x !== 0).length === 3),
  );
  expect(sparse.length / 400).toBeGreaterThan(0.4);
  expect(sparse.length / 400).toBeLessThan(0.6);
});

it('is told apart from scratch and from demonstrations in a report', () => {
  const run = (name: string, config: RunData['config']): RunData => ({
    name,
    config,
    metrics: [],
    factorizations: [],
    measurements: [],
    algorithms: new Map(),
    notes: [],
  });
  const grown = run('grown', { demonstrations: [], grownFrom: ['a.json (<2,2,2> of rank 7, origin rl)'] });
  const sentence = (...runs: RunData[]): string => provenanceSentence(buildReport(runs).provenance);
  expect(sentence(grown)).toMatch(/Grown from smaller results: a\.json \(<2,2,2> of rank 7, origin rl\)/);
  expect(sentence(grown, run('scratch', { demonstrations: [] }))).toMatch(/Grown from smaller results/);
  expect(sentence(grown, run('shown', { demonstrations: ['strassen'] }))).toMatch(/Bootstrapped from demonstrations/);
  expect(sentence(grown, run('silent', undefined))).toMatch(/Origin unknown/);

  const inside = run('inside', { demonstrations: [], grownFrom: [], insideSchoolbook: true });
  expect(sentence(grown)).toMatch(/no known algorithm of the target size went in/);
  expect(sentence(grown, inside)).toMatch(/with games that began inside the schoolbook algorithm; no better algorithm/);
  expect(sentence(inside)).toMatch(/^From games that began inside the schoolbook algorithm; no better algorithm/);
});

it('is told with every find', () => {
  const demonstrations: string[] = [];
  const grownFrom = ['a.json (<2,2,2> of rank 7, origin rl)'];
  expect(provenanceWords({ demonstrations, grownFrom, insideSchoolbook: false })).toMatch(
    /a\.json .*; no algorithm of the target size was shown/,
  );
  expect(provenanceWords({ demonstrations, grownFrom, insideSchoolbook: true })).toMatch(
    /a\.json .*; with games that began inside the schoolbook algorithm; no better algorithm of the target size was shown/,
  );
  const shown = provenanceWords({ demonstrations: ['strassen'], grownFrom: [], insideSchoolbook: true });
  expect(shown).toMatch(/strassen; with games that began inside the schoolbook algorithm$/);
});
