import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  AlphaTensorError,
  type Arithmetic,
  type FactorizationRecord,
  loadFactorization,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';
import { z } from 'zod';
import { readRunConfig } from './folder.js';

// What at-trainer explore keeps in a run folder, and reads again when it goes on.

const savedExploration = z.object({
  command: z.literal('explore'),
  size: z.object({ n: z.number(), m: z.number(), p: z.number() }),
  arithmetic: z.enum(['standard', 'modulo-2']),
  /** `standard`, `grow` or a file. */
  from: z.string(),
  seed: z.number(),
  /** How often the run was begun or resumed. */
  sessions: z.number(),
  startedAt: z.string(),
  version: z.string(),
  /** Known algorithms that went in. */
  demonstrations: z.array(z.string()),
});
export type SavedExploration = z.infer<typeof savedExploration>;

/** @throws AlphaTensorError if there is no run or one of another command */
export function reopenExploration(runDir: string): SavedExploration {
  const saved = savedExploration.safeParse(readRunConfig(runDir));
  if (saved.success) return saved.data;
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    `${runDir} is not a run of at-trainer explore; resume it with the command that began it.`,
    { field: '--run-dir' },
  );
}

/**
 * The factorizations of the lowest rank that the run saved, in the arithmetic of its search; and those of the lowest rank that were
 * not composed of smaller ones, because those have more flips.
 */
export async function bestOf(runDir: string, arithmetic: Arithmetic): Promise<VerifiedFactorization[]> {
  const folder = join(runDir, 'factorizations');
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  const records = await Promise.all(files.sort().map((name) => loadFactorization(join(folder, name))));
  const found = records.filter(({ factorization }) => factorization.arithmetic === arithmetic);
  const best = new Set([...lowest(found), ...lowest(found.filter(({ origin }) => origin !== 'composed'))]);
  return [...best].map(({ factorization }) => factorization);
}

function lowest(records: readonly FactorizationRecord[]): FactorizationRecord[] {
  const rank = Math.min(...records.map(({ factorization }) => factorization.rank));
  return records.filter(({ factorization }) => factorization.rank === rank);
}
