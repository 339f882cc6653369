import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { contentHash, strassen, winograd } from '@alphatensor-edge/shared';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MeasurementRow } from '../../../../trainer/src/fleet/measurement.js';
import { measurementKey } from '../../../../trainer/src/fleet/measurement-key.js';
import { MEASUREMENTS_FILE, MeasurementStore } from '../../../../trainer/src/fleet/measurement-store.js';
import { DESCRIPTION, measured, outcome, TASK } from '../../../support/agent.js';

let folder: string;
let file: string;
const open: MeasurementStore[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'at-store-'));
  file = join(folder, MEASUREMENTS_FILE);
});

afterEach(() => {
  for (const store of open.splice(0)) store.close();
  rmSync(folder, { recursive: true });
});

function keep(store: MeasurementStore): MeasurementStore {
  open.push(store);
  return store;
}

function row(jobId: string, changes: Partial<MeasurementRow> = {}): MeasurementRow {
  return {
    jobId,
    agent: 'laptop',
    deviceId: DESCRIPTION.deviceId,
    device: DESCRIPTION.device!,
    backend: 'c-gcc',
    variant: 'temporaries',
    algorithm: {
      levels: ['abc'],
      label: 'Strassen',
      role: 'reference',
      origin: 'imported',
      size: { n: 2, m: 2, p: 2 },
      rank: 7,
      nonzeros: 36,
      arithmetic: 'standard',
    },
    problem: TASK.problem,
    outcome: measured(1.125, jobId),
    createdAt: '2026-01-02T03:04:05.000Z',
    ...changes,
  };
}

/** A store as version 0.1 wrote it. */
function writeFirstVersion(path: string, old: MeasurementRow): void {
  const database = new Database(path);
  database.exec(`
    CREATE TABLE schema_version (version INTEGER NOT NULL);
    INSERT INTO schema_version VALUES (1);
    CREATE TABLE measurements (job_id TEXT PRIMARY KEY, cache_key TEXT NOT NULL, agent TEXT NOT NULL,
      device_id TEXT NOT NULL, device TEXT NOT NULL, backend TEXT NOT NULL, variant TEXT NOT NULL, algorithm TEXT NOT NULL,
      m INTEGER NOT NULL, k INTEGER NOT NULL, n INTEGER NOT NULL, dtype TEXT NOT NULL, threads INTEGER NOT NULL,
      outcome_kind TEXT NOT NULL, speedup REAL, outcome TEXT NOT NULL, created_at TEXT NOT NULL);
    CREATE INDEX measurements_by_key ON measurements (cache_key);
    CREATE INDEX measurements_by_problem ON measurements (device_id, m, k, n, dtype, threads);`);
  const { m, k, n, dtype, threads } = old.problem;
  const [device, algorithm, stored] = [old.device, old.algorithm, old.outcome].map((part) => JSON.stringify(part));
  database
    .prepare(`INSERT INTO measurements VALUES (${Array(17).fill('?').join(', ')})`)
    .run(
      old.jobId,
      'key',
      old.agent,
      old.deviceId,
      device,
      old.backend,
      old.variant,
      algorithm,
      m,
      k,
      n,
      dtype,
      threads,
      old.outcome.kind,
      1.125,
      stored,
      old.createdAt,
    );
  database.close();
}

describe('the measurement store', () => {
  it('returns what was stored, raw samples included, in order and after reopening', () => {
    const rows = [row('b'), row('a', { outcome: outcome('OUTCOME_KIND_CRASHED', { jobId: 'a' }) }), row('c')];
    const store = MeasurementStore.open(file);
    for (const item of rows) expect(store.insert(item, 'key')).toBe(true);
    expect(store.all()).toEqual(rows);
    store.close();
    expect(keep(MeasurementStore.open(file)).all()).toEqual(rows);
  });

  it('keeps numbers that JSON does not have', () => {
    const store = keep(MeasurementStore.open(file));
    const algorithm = { ...row('a').algorithm, growth: Number.NaN, nonzeros: Number.NEGATIVE_INFINITY };
    const odd = row('a', { algorithm, outcome: outcome('OUTCOME_KIND_WRONG_RESULT', { jobId: 'a' }) });
    store.insert(odd, 'key');
    expect(store.all()).toEqual([odd]);
  });

  it('stores a job once', () => {
    const store = keep(MeasurementStore.open(file));
    expect(store.insert(row('a'), 'key')).toBe(true);
    expect(store.insert(row('a', { agent: 'other' }), 'key')).toBe(false);
    expect(store.all()).toEqual([row('a')]);
  });

  it('finds rows by what was measured where', () => {
    const store = keep(MeasurementStore.open(file));
    const key = measurementKey(TASK, DESCRIPTION);
    const others = [
      measurementKey({ ...TASK, levels: [winograd()] }, DESCRIPTION),
      measurementKey({ ...TASK, levels: [strassen(), strassen()] }, DESCRIPTION),
      measurementKey({ ...TASK, problem: { ...TASK.problem, threads: 2 } }, DESCRIPTION),
      measurementKey({ ...TASK, backend: 'c-clang' }, DESCRIPTION),
      measurementKey({ ...TASK, maxWorkspaceBytes: 2 ** 20 }, DESCRIPTION),
      measurementKey(TASK, { ...DESCRIPTION, deviceId: 'other' }),
      measurementKey(TASK, { ...DESCRIPTION, agentVersion: '0.2.0' }),
      measurementKey(TASK, {
        ...DESCRIPTION,
        backends: DESCRIPTION.backends.map((backend) => ({ ...backend, compiler: 'gcc 13' })),
      }),
    ];
    expect(new Set([key, ...others]).size).toBe(9);
    // The backend's default variant, asked for by name or not, is one program.
    expect(measurementKey({ ...TASK, variant: 'temporaries' }, DESCRIPTION)).toBe(key);
    store.insert(row('a'), key);
    store.insert(row('b'), others[0]);
    expect(store.byKey(key)).toEqual([row('a')]);
    expect(store.byKey(others[1])).toEqual([]);
  });

  it('can be read while it is written, and not written through a reader', () => {
    const store = keep(MeasurementStore.open(file));
    const reader = keep(MeasurementStore.openReadOnly(file));
    store.insert(row('a'), 'key');
    expect(reader.all()).toHaveLength(1);
    expect(() => reader.insert(row('b'), 'key')).toThrow('readonly');
  });

  it('refuses a second writer, and no longer when the first is gone, even by kill -9', async () => {
    const store = MeasurementStore.open(file);
    expect(() => MeasurementStore.open(file)).toThrow(
      expect.objectContaining({
        code: 'RESOURCE_EXHAUSTED',
        message: expect.stringContaining('Another process is writing'),
      }),
    );
    store.close();
    keep(MeasurementStore.open(file)).close();
    open.pop();

    const libsql = createRequire(import.meta.url).resolve('libsql');
    const script = `const D = require(${JSON.stringify(libsql)}); const d = new D(${JSON.stringify(`${file}.lock`)});
      d.exec('BEGIN EXCLUSIVE'); process.kill(process.pid, 'SIGKILL');`;
    await expect(promisify(execFile)(process.execPath, ['-e', script])).rejects.toMatchObject({ signal: 'SIGKILL' });
    expect(keep(MeasurementStore.open(file)).all()).toEqual([]);
  });

  it('says in words that the disk is full', () => {
    const pragma = vi.spyOn(Database.prototype, 'pragma');
    const store = keep(MeasurementStore.open(file));
    // The store's own connection gets no more pages, as on a full disk.
    const [connection] = pragma.mock.contexts as Database.Database[];
    pragma.mockRestore();
    connection.pragma('max_page_count = 1');
    const diagnostics = 'x'.repeat(100_000);
    expect(() => store.insert(row('a', { outcome: outcome('OUTCOME_KIND_CRASHED', { diagnostics }) }), 'key')).toThrow(
      expect.objectContaining({ code: 'RESOURCE_EXHAUSTED', message: expect.stringContaining('free space') }),
    );
    expect(store.all()).toEqual([]);
  });

  it('keeps the algorithm that was measured, once', () => {
    const store = keep(MeasurementStore.open(file));
    const hash = contentHash(strassen());
    store.insert(row('a'), 'key', [strassen(), strassen()]);
    store.insert(row('b'), 'key', [strassen()]);
    expect([...store.factorizations().keys()]).toEqual([hash]);
    expect(contentHash(store.factorizations().get(hash)!.factorization)).toBe(hash);
  });

  it('reads a file of the first version as it is, and brings it to the present layout when it is written', () => {
    writeFirstVersion(file, row('old'));
    const before = readFileSync(file);
    const reader = MeasurementStore.openReadOnly(file);
    expect(reader.all()).toEqual([row('old')]);
    expect(reader.factorizations().size).toBe(0);
    reader.close();
    expect(readFileSync(file).equals(before)).toBe(true);

    const store = MeasurementStore.open(file);
    const transposed = row('new', { problem: { ...TASK.problem, transposed: 'nt' } });
    store.insert(transposed, 'key', [strassen()]);
    expect(store.byKey('key')).toEqual([row('old'), transposed]);
    store.close();
    expect(keep(MeasurementStore.openReadOnly(file)).factorizations().size).toBe(1);
    // Once more: there is nothing left to change.
    expect(keep(MeasurementStore.open(file)).all()).toHaveLength(2);
  });

  it('reads outcomes that still name the vendor', () => {
    const today = row('old', {
      outcome: measured(2, 'old'),
      algorithm: { ...row('old').algorithm, label: 'baseline', origin: 'baseline' },
    });
    expect(today.outcome.measurement?.fasterThanBaseline).toBe(true);
    const then = JSON.stringify(today)
      .replaceAll('thirdParty', 'vendor')
      .replaceAll('"baseline"', '"vendor"')
      .replaceAll('"label":"vendor"', '"label":"vendor GEMM"')
      .replaceAll('"baseline', '"vendor')
      .replaceAll('fasterThanBaseline', 'fasterThanVendor');
    writeFirstVersion(file, JSON.parse(then));
    expect(keep(MeasurementStore.openReadOnly(file)).all()).toEqual([today]);
  });

  it('refuses what is missing, is no store, or is of another version', () => {
    expect(() => MeasurementStore.openReadOnly(file)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    expect(existsSync(file)).toBe(false);

    writeFileSync(file, 'this is a text file, long enough to have a header of one hundred bytes: '.repeat(3));
    for (const way of [MeasurementStore.openReadOnly, MeasurementStore.open]) {
      expect(() => way(file)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_FORMAT' }));
    }
    expect(readFileSync(file, 'utf8')).toContain('this is a text file');

    const other = join(folder, 'other.sqlite');
    MeasurementStore.open(other).close();
    const database = new Database(other);
    database.exec('UPDATE schema_version SET version = 99');
    database.close();
    for (const way of [MeasurementStore.openReadOnly, MeasurementStore.open]) {
      expect(() => way(other)).toThrow(expect.objectContaining({ code: 'INCOMPATIBLE_VERSION' }));
    }
  });
});
