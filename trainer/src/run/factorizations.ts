import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AlphaTensorError,
  type Arithmetic,
  contentHash,
  type FactorizationRecord,
  loadFactorization,
  saveFactorization,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';

// `factorizations/`: what a run found, one file for each, named by content hash.

/** The name of the folder in a run folder. */
export const FACTORIZATIONS = 'factorizations';

/** Writes a factorization of the run and returns the file. */
export async function keepFactorization(runDir: string, record: FactorizationRecord): Promise<string> {
  const folder = join(runDir, FACTORIZATIONS);
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${contentHash(record.factorization).slice(0, 16)}.json`);
  await saveFactorization(file, record);
  return file;
}

/** Lists the files of the factorizations that a run has kept, by name; none where it has no folder for them. */
export function factorizationFiles(runDir: string): string[] {
  return jsonFiles(join(runDir, FACTORIZATIONS));
}

/** Lists the JSON files of a folder by name; none where there is no such folder. */
export function jsonFiles(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(folder, name));
}

/** Reads the factorizations that a run has kept; each is reconstructed exactly. */
export function keptFactorizations(runDir: string): Promise<FactorizationRecord[]> {
  return Promise.all(factorizationFiles(runDir).map((file) => loadFactorization(file)));
}

/**
 * Reads what a walk in the flip graph goes on from: the factorizations of the lowest rank that the run kept, in the arithmetic of its
 * search; and those of the lowest rank that were not composed of smaller ones, because those have more flips.
 */
export async function bestToWalkFrom(runDir: string, arithmetic: Arithmetic): Promise<VerifiedFactorization[]> {
  const kept = await keptFactorizations(runDir);
  const found = kept.filter(({ factorization }) => factorization.arithmetic === arithmetic);
  const best = new Set([...lowest(found), ...lowest(found.filter(({ origin }) => origin !== 'composed'))]);
  return [...best].map(({ factorization }) => factorization);
}

function lowest(records: readonly FactorizationRecord[]): FactorizationRecord[] {
  const rank = Math.min(...records.map(({ factorization }) => factorization.rank));
  return records.filter(({ factorization }) => factorization.rank === rank);
}

/**
 * Lists the files that `--grow-from` means: files as they are, and of a run's folder its factorizations of the lowest rank.
 * @throws AlphaTensorError NOT_FOUND if a folder holds none
 */
export async function partFiles(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    if (existsSync(path) && statSync(path).isDirectory()) files.push(...(await filesOfLowestRank(path)));
    else files.push(path);
  }
  return files;
}

async function filesOfLowestRank(runDir: string): Promise<string[]> {
  const files = factorizationFiles(runDir);
  if (files.length === 0) {
    throw new AlphaTensorError(
      'NOT_FOUND',
      `${runDir} holds no factorizations; give --grow-from a factorization file or the folder of a run that found some.`,
      { field: '--grow-from' },
    );
  }
  const ranks = await Promise.all(files.map(async (file) => (await loadFactorization(file)).factorization.rank));
  const least = Math.min(...ranks);
  return files.filter((_, index) => ranks[index] === least);
}
