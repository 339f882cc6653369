import { AlphaTensorError } from '@alphatensor-edge/shared';
import type Database from 'libsql';

/** The layout that this program writes. Readers understand every older one; see `migrate`. */
const SCHEMA_VERSION = 3;

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
 * What leads from one version to the next, from nothing on; entry i makes version i + 1. Files of every version are in use, so an
 * entry is never changed once it was released: a new layout is a new entry.
 */
const STEPS: readonly string[] = [
  MEASUREMENTS,
  // The algorithms themselves, so that what was measured here can be measured elsewhere, and the cost model be fitted again.
  `CREATE TABLE factorizations (
    content_hash TEXT PRIMARY KEY,
    factorization TEXT NOT NULL  -- the project's JSON file
  );
  UPDATE schema_version SET version = 2;`,
  // The same tables; outcomes name the baseline where they named the vendor (renamed-fields.ts in shared), which older programs do not know.
  'UPDATE schema_version SET version = 3;',
];

/**
 * Brings a file that is open for writing to this program's layout, all of it or nothing; close it where this fails.
 * @throws AlphaTensorError INCOMPATIBLE_VERSION for a file of a newer program
 */
export function migrate(database: Database.Database, file: string): void {
  const steps = STEPS.slice(requireKnownVersion(database, file));
  // A step that fails leaves the transaction open, and closing the file undoes it.
  if (steps.length > 0) database.exec(['BEGIN IMMEDIATE;', ...steps, 'COMMIT;'].join('\n'));
}

/**
 * The version of a file's layout; 0: it has none.
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
