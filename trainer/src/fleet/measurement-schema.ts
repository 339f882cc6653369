import { AlphaTensorError } from '@alphatensor-edge/shared';
import type Database from 'libsql';

/** Version of the layout that this program writes. Readers understand all older ones (see `migrate`). */
const SCHEMA_VERSION = 4;

const MEASUREMENTS = `
  CREATE TABLE schema_version (version INTEGER NOT NULL);
  INSERT INTO schema_version VALUES (1);
  CREATE TABLE measurements (
    job_id TEXT PRIMARY KEY,
    cache_key TEXT NOT NULL,
    agent TEXT NOT NULL,
    device_id TEXT NOT NULL,
    device TEXT NOT NULL,        -- JSON
    backend TEXT NOT NULL,
    variant TEXT NOT NULL,
    algorithm TEXT NOT NULL,     -- JSON
    m INTEGER NOT NULL,
    k INTEGER NOT NULL,
    n INTEGER NOT NULL,
    dtype TEXT NOT NULL,
    threads INTEGER NOT NULL,
    outcome_kind TEXT NOT NULL,
    speedup REAL,                -- null unless measured
    outcome TEXT NOT NULL,       -- JSON, with the raw samples and the environment
    created_at TEXT NOT NULL
  );
  CREATE INDEX measurements_by_key ON measurements (cache_key);
  CREATE INDEX measurements_by_problem ON measurements (device_id, m, k, n, dtype, threads);
`;

/**
 * Steps from each version to the next; entry i makes version i + 1, and entry 0 starts from an empty file. Files of every
 * version are in use, so a released entry is never changed: a new layout is a new entry.
 */
const STEPS: readonly string[] = [
  MEASUREMENTS,
  // Keeps the algorithms too, so that they can be measured elsewhere and the cost model can be fitted again.
  `CREATE TABLE factorizations (
    content_hash TEXT PRIMARY KEY,
    factorization TEXT NOT NULL  -- the project's JSON file
  );
  UPDATE schema_version SET version = 2;`,
  // The tables are the same. Outcomes say "baseline" instead of "vendor" (renamed-fields.ts in shared), which older programs cannot read.
  'UPDATE schema_version SET version = 3;',
  // nt, tn or tt; null: neither operand lies transposed. A program that does not know it would take all for plain.
  `ALTER TABLE measurements ADD COLUMN transposed TEXT;
  UPDATE schema_version SET version = 4;`,
];

/**
 * Brings a file that is open for writing to this program's layout, completely or not at all. Close the file if this throws.
 * @throws AlphaTensorError INCOMPATIBLE_VERSION for a file of a newer program
 */
export function migrate(database: Database.Database, file: string): void {
  const steps = STEPS.slice(requireKnownVersion(database, file));
  // A step that fails leaves the transaction open. Closing the file undoes it.
  if (steps.length > 0) database.exec(['BEGIN IMMEDIATE;', ...steps, 'COMMIT;'].join('\n'));
}

/**
 * Reads the version of a file's layout; 0: it has none.
 * @throws AlphaTensorError INCOMPATIBLE_VERSION for a file of a newer program
 */
export function requireKnownVersion(database: Database.Database, file: string): number {
  const hasVersion = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'schema_version'").get() !== undefined;
  if (!hasVersion) return 0;
  const { version } = database.prepare('SELECT version FROM schema_version').get() as { version: number };
  if (version >= 1 && version <= SCHEMA_VERSION) return version;
  throw new AlphaTensorError(
    'INCOMPATIBLE_VERSION',
    `${file} has layout ${version}, but this program reads layouts 1 to ${SCHEMA_VERSION}; use the version that wrote it.`,
  );
}
