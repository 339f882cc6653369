import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseTrainingConfig } from '../../../../trainer/src/config.js';
import { readRunConfig, reopenRun, writeRunConfig } from '../../../../trainer/src/run/config.js';
import { smallConfig } from '../../../support/small-network.js';

const folder = mkdtempSync(join(tmpdir(), 'run-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let runs = 0;
/** A new run folder, with this config.json. */
function runWith(text?: string): string {
  const runDir = join(folder, String(runs++));
  mkdirSync(runDir);
  if (text !== undefined) writeFileSync(join(runDir, 'config.json'), text);
  return runDir;
}

const FINETUNE = {
  agents: ['laptop'],
  backends: ['c-gcc'],
  lambda: 7,
  problems: [{ m: 8, k: 8, n: 8, dtype: 'f32' as const, threads: 1 }],
  reportProblems: [],
  depth: 1,
  rewardProtocol: { budgetSeconds: 3, minRounds: 0 },
  reportProtocol: { budgetSeconds: 20, minRounds: 0 },
  reportedCount: 2,
};

describe("a run's config.json", () => {
  it('is read by its own command and by a report as it was written', () => {
    const runDir = runWith();
    const training = smallConfig();
    const written = {
      command: 'finetune' as const,
      size: training.size,
      startedAt: '2026-11-30T00:00:00.000Z',
      demonstrations: ['strassen.json'],
      finetune: FINETUNE,
      training,
    };
    writeRunConfig(runDir, written);
    const reopened = reopenRun(runDir, 'finetune');
    expect(reopened).toEqual(written);
    expect(parseTrainingConfig(reopened.training)).toEqual(training);
    expect(readRunConfig(runDir)).toMatchObject({ command: 'finetune', demonstrations: ['strassen.json'] });
    expect(JSON.parse(readFileSync(join(runDir, 'config.json'), 'utf8'))).toEqual(JSON.parse(JSON.stringify(written)));
  });

  it('of an older version names one backend, which is the only one', () => {
    const { backends: _, ...older } = FINETUNE;
    const config = { command: 'finetune', startedAt: '', training: {}, finetune: { backend: 'c-clang', ...older } };
    expect(reopenRun(runWith(JSON.stringify(config)), 'finetune').finetune).toEqual({
      ...older,
      backends: ['c-clang'],
    });
  });

  it('is refused by another command, where it is damaged, and where there is none', () => {
    const runDir = runWith(JSON.stringify({ command: 'train', checkpoint: null, training: {} }));
    expect(reopenRun(runDir, 'train')).toMatchObject({ command: 'train', checkpoint: null });
    for (const command of ['finetune', 'explore', 'tune'] as const) {
      expect(() => reopenRun(runDir, command)).toThrow(`is not a run of at-trainer ${command}`);
    }
    expect(() => reopenRun(runWith('{"command": "tr'), 'train')).toThrow(/config\.json is damaged/);
    expect(() => reopenRun(runWith(), 'train')).toThrow(/holds no run to resume/);
  });
});
