import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  AlphaTensorError,
  contentHash,
  type DispatchTable,
  type FactorizationRecord,
  loadFactorization,
  saveFactorization,
} from '@alphatensor-edge/shared';
import writeFileAtomic from 'write-file-atomic';
import { ALGORITHMS_FOLDER, algorithmFile } from '../tune/dispatch.js';
import { factorizationFiles, jsonFiles } from './factorizations.js';

/** Names the table in the folder of a run. */
export const DISPATCH_FILE = 'dispatch.json';

// A tuning run also keeps `algorithms/`, which holds all the algorithms it tries, and `dispatch.json`.

/** Writes the algorithms that a run tries, so that the run can go on from its folder alone. */
export async function saveAlgorithms(runDir: string, records: readonly FactorizationRecord[]): Promise<void> {
  mkdirSync(join(runDir, ALGORITHMS_FOLDER), { recursive: true });
  for (const record of records) {
    await saveFactorization(join(runDir, algorithmFile(contentHash(record.factorization))), record);
  }
}

/** Reads the algorithms that a run tries. Each is verified exactly. */
export function readAlgorithms(runDir: string): Promise<FactorizationRecord[]> {
  return Promise.all(jsonFiles(join(runDir, ALGORITHMS_FOLDER)).map((file) => loadFactorization(file)));
}

/** Writes a run's dispatch table and returns its path. */
export async function writeDispatchTable(runDir: string, table: DispatchTable): Promise<string> {
  const path = join(runDir, DISPATCH_FILE);
  await writeFileAtomic(path, `${JSON.stringify(table, null, 2)}\n`);
  return path;
}

/**
 * Lists the files that a source of factorizations stands for: the files that a run's folder found or tried, else the source itself.
 * @throws AlphaTensorError NOT_FOUND for a folder without factorizations
 */
export function algorithmSources(source: string): string[] {
  if (!existsSync(source) || !statSync(source).isDirectory()) return [source];
  const found = factorizationFiles(source);
  const files = found.length > 0 ? found : jsonFiles(join(source, ALGORITHMS_FOLDER));
  if (files.length > 0) return files;
  throw new AlphaTensorError(
    'NOT_FOUND',
    `${source} is a folder without factorizations; give the folder of a run that found some, or a file.`,
    { field: 'factorization' },
  );
}
