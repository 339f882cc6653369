import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import {
  AlphaTensorError,
  contentHash,
  type FactorizationRecord,
  formatFactorizationJson,
  laidOut,
  messageOf,
  ORIGINS,
  type Origin,
  parseFactorizationJson,
  type Transposed,
  type VerifiedFactorization,
  withTodaysNames,
} from '@alphatensor-edge/shared';
import Database from 'libsql';
import { boundedDevice } from './bounded-description.js';
import { takeLock } from './file-lock.js';
import type { DType, MeasurementRow } from './measurement.js';
import { migrate, requireKnownVersion } from './measurement-schema.js';
import { checkedRow } from './outcome-check.js';

/** Names the store inside a run folder. */
export const MEASUREMENTS_FILE = 'measurements.sqlite';

interface StoredFactorization {
  content_hash: string;
  factorization: string;
}

interface StoredRow {
  job_id: string;
  agent: string;
  device_id: string;
  device: string;
  backend: string;
  variant: string;
  algorithm: string;
  m: number;
  k: number;
  n: number;
  dtype: DType;
  threads: number;
  outcome: string;
  created_at: string;
  /** Files of version 3 and before do not have it. */
  transposed?: Transposed | null;
}

/** Keeps a run's measurements in SQLite with a write-ahead log, for one writing process and any number of readers. */
export class MeasurementStore {
  readonly #file: string;
  readonly #database: Database.Database;
  readonly #lock: { close(): void } | undefined;

  private constructor(file: string, database: Database.Database, lock?: { close(): void }) {
    this.#file = file;
    this.#database = database;
    this.#lock = lock;
  }

  /**
   * Opens the store for writing. Makes the file if there is none, and updates the layout of an older one.
   * @throws AlphaTensorError RESOURCE_EXHAUSTED (another process writes, the disk is full), INCOMPATIBLE_VERSION,
   * UNSUPPORTED_FORMAT (not a measurement file)
   */
  static open(file: string): MeasurementStore {
    return inWords(file, () => {
      // The lock is a file of its own, so that it does not keep readers out.
      const lock = takeLock(
        `${file}.lock`,
        `Another process is writing to ${file}; wait for it to end or use another --run-dir.`,
      );
      let database: Database.Database | undefined;
      try {
        database = new Database(file);
        database.pragma('journal_mode = WAL');
        // The log survives a crash of the process. A power cut may lose the last rows; they are measured again.
        database.pragma('synchronous = NORMAL');
        migrate(database, file);
        return new MeasurementStore(file, database, lock);
      } catch (error) {
        database?.close();
        lock.close();
        throw error;
      }
    });
  }

  /**
   * Opens the store for reading, also while another process writes. A file of an older version is not changed.
   * @throws AlphaTensorError NOT_FOUND, INCOMPATIBLE_VERSION, UNSUPPORTED_FORMAT
   */
  static openReadOnly(file: string): MeasurementStore {
    if (!existsSync(file)) {
      throw new AlphaTensorError(
        'NOT_FOUND',
        `There are no measurements at ${file}; give the folder of a run that measured.`,
      );
    }
    return inWords(file, () => {
      const database = new Database(`${pathToFileURL(file).href}?mode=ro`);
      if (requireKnownVersion(database, file) === 0) {
        database.close();
        throw new AlphaTensorError('UNSUPPORTED_FORMAT', `${file} holds no measurements of this project.`);
      }
      return new MeasurementStore(file, database);
    });
  }

  /**
   * Stores one finished job and the algorithm that it measured. A job that is stored already is not changed.
   * @param key a result of measurementKey
   * @param levels the factorizations behind `row.algorithm.levels`
   * @returns whether the row is new
   * @throws AlphaTensorError RESOURCE_EXHAUSTED when the disk is full
   */
  insert(row: MeasurementRow, key: string, levels: readonly VerifiedFactorization[] = []): boolean {
    return inWords(this.#file, () => {
      // The algorithms first: one without a job does no harm, but a job without its algorithm cannot be measured elsewhere.
      for (const factorization of new Set(levels)) this.#keep({ factorization, origin: originOf(row) });
      return this.#insertRow(row, key);
    });
  }

  /**
   * Reads all rows, in the order they were stored. What an earlier version believed is checked again, and a measurement that cannot
   * be true is left out (see checkedRow).
   */
  all(): MeasurementRow[] {
    return this.#select('SELECT * FROM measurements ORDER BY rowid');
  }

  /**
   * Reads the same rows without the check, which takes longer than everything else. Whatever is shown of one has to be checked then
   * (see checkedRow).
   */
  allAsStored(): MeasurementRow[] {
    return this.#selectStored('SELECT * FROM measurements ORDER BY rowid');
  }

  /** Reads the rows of one key (see measurementKey), oldest first. */
  byKey(key: string): MeasurementRow[] {
    return this.#select('SELECT * FROM measurements WHERE cache_key = ? ORDER BY rowid', key);
  }

  /** Reads the measured algorithms by content hash. A file of version 1 holds none. */
  factorizations(): Map<string, FactorizationRecord> {
    return inWords(this.#file, () => {
      if (requireKnownVersion(this.#database, this.#file) < 2) return new Map();
      const rows = this.#database.prepare('SELECT * FROM factorizations ORDER BY rowid').all() as StoredFactorization[];
      return new Map(rows.map((row) => [row.content_hash, parseFactorizationJson(row.factorization)]));
    });
  }

  close(): void {
    this.#database.close();
    this.#lock?.close();
  }

  #keep(record: FactorizationRecord): void {
    this.#database
      .prepare('INSERT INTO factorizations VALUES (?, ?) ON CONFLICT (content_hash) DO NOTHING')
      .run(contentHash(record.factorization), formatFactorizationJson(record));
  }

  #insertRow(row: MeasurementRow, key: string): boolean {
    const { problem, outcome } = row;
    const measured = outcome.kind === 'OUTCOME_KIND_MEASURED';
    const { changes } = this.#database
      .prepare(`INSERT INTO measurements VALUES (${Array(18).fill('?').join(', ')}) ON CONFLICT (job_id) DO NOTHING`)
      .run(
        row.jobId,
        key,
        row.agent,
        row.deviceId,
        toJson(row.device),
        row.backend,
        row.variant,
        toJson(row.algorithm),
        problem.m,
        problem.k,
        problem.n,
        problem.dtype,
        problem.threads,
        outcome.kind,
        measured ? (outcome.measurement?.speedup?.estimate ?? null) : null,
        toJson(outcome),
        row.createdAt,
        problem.transposed ?? null,
      );
    return changes === 1;
  }

  #select(sql: string, ...parameters: string[]): MeasurementRow[] {
    return this.#selectStored(sql, ...parameters).map(checkedRow);
  }

  #selectStored(sql: string, ...parameters: string[]): MeasurementRow[] {
    return inWords(this.#file, () => (this.#database.prepare(sql).all(...parameters) as StoredRow[]).map(fromStored));
  }
}

/** Gives the origin for the algorithm's file. A row may have an origin that no file has, such as the baseline's. */
function originOf({ algorithm }: MeasurementRow): Origin {
  return ORIGINS.find((origin) => origin === algorithm.origin) ?? 'imported';
}

function fromStored(row: StoredRow): MeasurementRow {
  return {
    jobId: row.job_id,
    agent: row.agent,
    deviceId: row.device_id,
    device: boundedDevice(fromJson(row.device)),
    backend: row.backend,
    variant: row.variant,
    algorithm: fromJson(row.algorithm),
    problem: {
      ...{ m: row.m, k: row.k, n: row.n, dtype: row.dtype, threads: row.threads },
      ...laidOut({ transposed: row.transposed ?? undefined }),
    },
    outcome: fromJson(row.outcome),
    createdAt: row.created_at,
  };
}

/** Writes JSON. NaN and infinity, which the error of a wrong result can be, become objects because JSON lacks them. */
function toJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'number' && !Number.isFinite(item) ? { $number: String(item) } : item,
  );
}

function fromJson<T>(text: string): T {
  return JSON.parse(text, (_, item: unknown) =>
    typeof item === 'object' && item !== null && '$number' in item ? Number(item.$number) : withTodaysNames(item),
  ) as T;
}

/** Runs `action` and turns the codes of SQLite into errors with a full sentence. @throws AlphaTensorError */
function inWords<T>(file: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof AlphaTensorError) throw error;
    const code = sqliteCode(error);
    if (code.startsWith('SQLITE_FULL') || code.startsWith('SQLITE_IOERR')) {
      throw new AlphaTensorError(
        'RESOURCE_EXHAUSTED',
        `${file} cannot be written (${messageOf(error)}); free space on its disk and resume.`,
        { cause: error },
      );
    }
    if (code === 'SQLITE_NOTADB' || code === 'SQLITE_CORRUPT') {
      throw new AlphaTensorError('UNSUPPORTED_FORMAT', `${file} is not a file of measurements, or it is damaged.`, {
        cause: error,
      });
    }
    throw new AlphaTensorError('INTERNAL', `${file}: ${messageOf(error)}`, { cause: error });
  }
}

function sqliteCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
