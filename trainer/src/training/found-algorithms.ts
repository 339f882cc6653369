import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { contentHash, type FactorizationRecord, loadFactorization } from '@alphatensor-edge/shared';
import type { MeasurementStore } from '../fleet/measurement-store.js';

/** The algorithms of a run, by content hash. */
export type FoundAlgorithms = ReadonlyMap<string, FactorizationRecord>;

/** Reads the algorithms of a run: those in its folder, and what was measured just before it was killed. */
export async function loadFound(runDir: string, store: MeasurementStore): Promise<FoundAlgorithms> {
  const folder = join(runDir, 'factorizations');
  const records = new Map<string, FactorizationRecord>();
  for (const name of existsSync(folder) ? await readdir(folder) : []) {
    if (!name.endsWith('.json')) continue;
    const record = await loadFactorization(join(folder, name));
    records.set(contentHash(record.factorization), record);
  }
  const stored = store.factorizations();
  for (const { algorithm } of store.all()) {
    const [hash] = algorithm.levels;
    const record = stored.get(hash);
    if (algorithm.role === 'found' && record !== undefined && !records.has(hash)) records.set(hash, record);
  }
  return records;
}
