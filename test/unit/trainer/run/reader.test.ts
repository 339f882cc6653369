import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AlphaTensorError, formatFactorizationJson, strassen } from '../../../../shared/src/index.js';
import { references } from '../../../../trainer/src/fleet/algorithms.js';
import { MEASUREMENTS_FILE, MeasurementStore } from '../../../../trainer/src/fleet/measurement-store.js';
import { checkedRow } from '../../../../trainer/src/fleet/outcome-check.js';
import { writeReport } from '../../../../trainer/src/report/write.js';
import { readRun } from '../../../../trainer/src/run/reader.js';
import { cube, measurementRow } from '../../../support/report-rows.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'report-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const write = (name: string, text: string): void => writeFileSync(join(directory, name), text);

function writeWholeRun(): void {
  write('config.json', JSON.stringify({ command: 'finetune', seed: 3, demonstrations: ['Strassen'], unknownKey: 1 }));
  write('metrics.jsonl', '{"time":1,"step":1,"policyLoss":2}\n{"time":2,"step":2,"policyLoss":1}\n');
  mkdirSync(join(directory, 'factorizations'));
  write('factorizations/good.json', formatFactorizationJson({ factorization: strassen(), origin: 'rl' }));
  const store = MeasurementStore.open(join(directory, MEASUREMENTS_FILE));
  references().forEach(({ algorithm }, index) => {
    const row = measurementRow({ algorithm, problem: cube(512), seed: index + 1, speedup: 1.05 });
    store.insert(row, row.jobId);
  });
  store.close();
}

describe('readRun', () => {
  it('reads a whole run', () => {
    writeWholeRun();
    const run = readRun(directory);
    expect(run.notes).toEqual([]);
    expect(run.config).toMatchObject({ command: 'finetune', seed: 3, demonstrations: ['Strassen'] });
    expect(run.metrics).toHaveLength(2);
    expect(run.factorizations).toMatchObject([{ file: 'good.json', rank: 7, origin: 'rl' }]);
    expect(run.measurements).toHaveLength(references().length);
  });

  it('reads while the trainer still writes', () => {
    const store = MeasurementStore.open(join(directory, MEASUREMENTS_FILE));
    const row = measurementRow({ algorithm: references()[1].algorithm, problem: cube(512), seed: 1 });
    store.insert(row, 'key');
    // The store computes the figures again from the samples.
    expect(readRun(directory).measurements).toEqual([checkedRow(row)]);
    store.close();
  });

  it('leaves out a last line that was cut off and says so', () => {
    write('metrics.jsonl', '{"time":1,"policyLoss":2}\n{"time":2,"poli');
    const run = readRun(directory);
    expect(run.metrics).toEqual([{ time: 1, policyLoss: 2 }]);
    expect(run.notes.join()).toMatch(/last line of metrics\.jsonl was cut off/);
  });

  it('names broken lines in the middle and keeps the rest', () => {
    write('metrics.jsonl', '{"time":1}\nnonsense\n[1]\n{"time":2}\n');
    const run = readRun(directory);
    expect(run.metrics).toHaveLength(2);
    expect(run.notes.join()).toMatch(/2 lines of metrics\.jsonl \(first: line 2\)/);
  });

  it('leaves out a factorization that does not reconstruct', () => {
    mkdirSync(join(directory, 'factorizations'));
    const text = formatFactorizationJson({ factorization: strassen(), origin: 'rl' });
    write('factorizations/bad.json', text.replace('[1, 0, 0, 1]', '[1, 0, 0, 2]'));
    const run = readRun(directory);
    expect(run.factorizations).toEqual([]);
    expect(run.notes.join()).toMatch(/bad\.json is left out: The 7 terms do not reconstruct/);
  });

  it('notes a configuration and measurements that cannot be read', () => {
    write('config.json', '{"seed": {}}');
    write(MEASUREMENTS_FILE, 'this is no database, but text that is long enough to be taken for one'.repeat(20));
    const { config, measurements, notes } = readRun(directory);
    expect([config, measurements]).toEqual([undefined, []]);
    expect(notes.join()).toMatch(/config\.json cannot be read/);
    expect(notes.join()).toMatch(/measurements\.sqlite cannot be read/);
  });

  it('refuses what is no run', () => {
    const codeOf = (path: string): unknown => {
      try {
        return readRun(path);
      } catch (error) {
        return error instanceof AlphaTensorError ? [error.code, error.message] : error;
      }
    };
    expect(codeOf(directory)).toEqual(['NOT_FOUND', expect.stringContaining('is not the folder of a run')]);
    expect(codeOf(join(directory, 'nowhere'))).toEqual(['NOT_FOUND', expect.stringContaining('There is no folder')]);
  });
});

describe('writeReport', () => {
  it('writes its files and nothing else', async () => {
    writeWholeRun();
    const out = join(directory, 'deep', 'report');
    const { paths } = await writeReport([directory], out);
    expect(readdirSync(out).sort()).toEqual([
      'answers.csv',
      'best.json',
      'report.csv',
      'report.html',
      'report.json',
      'report.md',
      'report.tex',
    ]);
    const report = JSON.parse(readFileSync(paths.json, 'utf8'));
    expect(report.groups[0].rows).toHaveLength(references().length);
    expect(readFileSync(paths.html, 'utf8')).toContain('Bootstrapped from demonstrations: Strassen');
    expect(readFileSync(paths.markdown, 'utf8')).toContain('Bootstrapped from demonstrations: Strassen');
  });

  it('reports a run that has nothing yet', async () => {
    write('metrics.jsonl', '');
    const { paths } = await writeReport([directory], join(directory, 'report'));
    expect(readFileSync(paths.html, 'utf8')).toContain('Nothing was measured');
    expect(readFileSync(paths.markdown, 'utf8')).toContain('Nothing was measured');
    expect(readFileSync(paths.csv, 'utf8').split('\r\n')).toHaveLength(2);
  });

  it('writes nothing where one of the folders is no run', async () => {
    writeWholeRun();
    const out = join(directory, 'report');
    await expect(writeReport([directory, join(directory, 'nowhere')], out)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(readdirSync(directory)).not.toContain('report');
  });
});
