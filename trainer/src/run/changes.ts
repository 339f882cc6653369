import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { MEASUREMENTS_FILE } from '../fleet/measurement-store.js';
import { FACTORIZATIONS } from './factorizations.js';
import { CONFIG } from './folder.js';
import { METRICS } from './metrics.js';

/** Names the files of a run folder that its report reads, apart from the factorizations. */
const WATCHED = [CONFIG, METRICS, MEASUREMENTS_FILE, `${MEASUREMENTS_FILE}-wal`];

/** Makes a text that changes whenever one of the run's files does. It is made of sizes and times alone, so it costs little. */
export function runVersion(runDir: string): string {
  const found = list(join(runDir, FACTORIZATIONS)).map((name) => join(FACTORIZATIONS, name));
  const hash = createHash('sha256');
  for (const name of [...WATCHED, ...found]) {
    const stats = statSync(join(runDir, name), { throwIfNoEntry: false });
    if (stats !== undefined) hash.update(`${name} ${stats.size} ${stats.mtimeMs}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

/** Tells when the run last wrote; 1970 if it never did. */
export function lastChange(runDir: string): Date {
  const times = WATCHED.flatMap((name) => statSync(join(runDir, name), { throwIfNoEntry: false })?.mtimeMs ?? []);
  return new Date(Math.max(0, ...times));
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
