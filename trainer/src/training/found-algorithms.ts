import { contentHash, type FactorizationRecord } from '@alphatensor-edge/shared';
import type { MeasurementStore } from '../fleet/measurement-store.js';
import { keptFactorizations } from '../run/factorizations.js';

/** Holds the algorithms of a run, by content hash. */
export type FoundAlgorithms = ReadonlyMap<string, FactorizationRecord>;

/** Reads the algorithms of a run: those in its folder, and those that were measured just before it was killed. */
export async function loadFound(runDir: string, store: MeasurementStore): Promise<FoundAlgorithms> {
  const records = new Map<string, FactorizationRecord>();
  for (const record of await keptFactorizations(runDir)) {
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
