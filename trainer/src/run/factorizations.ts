import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AlphaTensorError,
  type Arithmetic,
  contentHash,
  type FactorizationRecord,
  formatSize,
  loadFactorization,
  saveFactorization,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';

// `factorizations/` holds what a run found, one file for each factorization, named by its content hash.

/** Names the folder in a run folder. */
export const FACTORIZATIONS = 'factorizations';

/** Writes a factorization of the run and returns the file. */
export async function keepFactorization(runDir: string, record: FactorizationRecord): Promise<string> {
  const folder = join(runDir, FACTORIZATIONS);
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${contentHash(record.factorization).slice(0, 16)}.json`);
  await saveFactorization(file, record);
  return file;
}

/** Lists the files of the factorizations that a run has kept, sorted by name. Gives none if the run has no folder for them. */
export function factorizationFiles(runDir: string): string[] {
  return jsonFiles(join(runDir, FACTORIZATIONS));
}

/** Lists the JSON files of a folder, sorted by name. Gives none if there is no such folder. */
export function jsonFiles(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(folder, name));
}

/** Reads the factorizations that a run has kept. Each is verified exactly. */
export function keptFactorizations(runDir: string): Promise<FactorizationRecord[]> {
  return Promise.all(factorizationFiles(runDir).map((file) => loadFactorization(file)));
}

/**
 * Reads the factorizations from which a walk in the flip graph goes on. They are those of the lowest rank of each size that the run kept in the
 * arithmetic of its search, and those of the lowest rank among the ones not composed of smaller ones, which have more flips.
 */
export async function bestToWalkFrom(runDir: string, arithmetic: Arithmetic): Promise<VerifiedFactorization[]> {
  const kept = await keptFactorizations(runDir);
  const found = kept.filter(({ factorization }) => factorization.arithmetic === arithmetic);
  const sizes = new Set(found.map(({ factorization }) => formatSize(factorization.size)));
  return [...sizes].flatMap((size) => {
    const ofSize = found.filter(({ factorization }) => formatSize(factorization.size) === size);
    const best = new Set([...lowest(ofSize), ...lowest(ofSize.filter(({ origin }) => origin !== 'composed'))]);
    return [...best].map(({ factorization }) => factorization);
  });
}

function lowest(records: readonly FactorizationRecord[]): FactorizationRecord[] {
  const rank = Math.min(...records.map(({ factorization }) => factorization.rank));
  return records.filter(({ factorization }) => factorization.rank === rank);
}

/**
 * Lists the files that an option names. A run's folder stands for its factorizations of the lowest rank.
 * @param option the option, for the message, such as `--grow-from`
 * @throws AlphaTensorError NOT_FOUND if a folder holds no factorization
 */
export async function filesOrRuns(paths: readonly string[], option: string): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    if (existsSync(path) && statSync(path).isDirectory()) files.push(...(await filesOfLowestRank(path, option)));
    else files.push(path);
  }
  return files;
}

async function filesOfLowestRank(runDir: string, option: string): Promise<string[]> {
  const files = factorizationFiles(runDir);
  if (files.length === 0) {
    throw new AlphaTensorError(
      'NOT_FOUND',
      `${runDir} holds no factorizations; give ${option} a factorization file or the folder of a run that found some.`,
      { field: option },
    );
  }
  const ranks = await Promise.all(files.map(async (file) => (await loadFactorization(file)).factorization.rank));
  const least = Math.min(...ranks);
  return files.filter((_, index) => ranks[index] === least);
}
