import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { MEASUREMENTS_FILE, MeasurementStore } from '../../../../trainer/src/fleet/measurement-store.js';
import { writeRunConfig } from '../../../../trainer/src/run/config.js';
import { createRunFolder, lockRunFolder } from '../../../../trainer/src/run/folder.js';
import { appendMetrics, mendMetrics } from '../../../../trainer/src/run/metrics.js';

const folder = mkdtempSync(join(tmpdir(), 'run-folder-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the folder of a new run', () => {
  it('may hold what a run leaves that could not begin, and nothing else', () => {
    const runDir = join(folder, 'begun');
    createRunFolder(runDir);
    lockRunFolder(runDir).release();
    MeasurementStore.open(join(runDir, MEASUREMENTS_FILE)).close();
    mkdirSync(join(runDir, 'factorizations'));
    createRunFolder(runDir);
    writeRunConfig(runDir, { command: 'train', checkpoint: null, training: {} });
    expect(() => createRunFolder(runDir)).toThrow(/not empty/);

    const other = join(folder, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'thesis.tex'), '');
    expect(() => createRunFolder(other)).toThrow(/not empty/);
  });

  it('belongs to one process until that is gone, even by kill -9', async () => {
    const runDir = join(folder, 'locked');
    createRunFolder(runDir);
    const script = `const D = require(${JSON.stringify(createRequire(import.meta.url).resolve('libsql'))});
      const lock = new D(${JSON.stringify(join(runDir, 'run.lock'))}); lock.exec('BEGIN EXCLUSIVE'); console.log('held'); setInterval(() => lock, 1000);`;
    const other = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(other.stdout, 'data');
    expect(() => lockRunFolder(runDir)).toThrow(/Another process is running in .*--run-dir/);
    other.kill('SIGKILL');
    await once(other, 'exit');
    lockRunFolder(runDir).release();
  });
});

describe('metrics', () => {
  it('go on in a line of their own after one that was cut off', () => {
    const runDir = join(folder, 'cut');
    createRunFolder(runDir);
    mendMetrics(runDir);
    appendMetrics(runDir, { step: 1 });
    appendFileSync(join(runDir, 'metrics.jsonl'), '{"step": 2, "ti');
    mendMetrics(runDir);
    mendMetrics(runDir);
    appendMetrics(runDir, { step: 2 });
    expect(readFileSync(join(runDir, 'metrics.jsonl'), 'utf8')).toBe('{"step":1}\n{"step": 2, "ti\n{"step":2}\n');
  });
});
