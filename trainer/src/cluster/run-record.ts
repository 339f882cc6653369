import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { TrainingConfig } from '../config.js';

/** Describes a run to its actors. */
export const runRecord = z.object({
  format: z.literal(1),
  /** A word that the learner's process drew: a learner that starts again has another one. */
  session: z.string(),
  /** SHA-256 of `config`, but for what each machine chooses itself. */
  configuration: z.string(),
  /** What parseTrainingConfig takes. */
  config: z.unknown(),
  /** How many versions of the weights games may be behind. */
  keepVersions: z.number().int().min(0),
});
export type RunRecord = z.infer<typeof runRecord>;

/**
 * Gives the SHA-256 of a configuration in hexadecimal, whatever the order of its fields. Backends, threads, the paths of files and what
 * only the learner does with games are left out.
 */
export function configurationHash(config: TrainingConfig): string {
  const { tfBackend: _t, actBackend: _a, learnBackend: _l, demonstrations, acting, ...rest } = config;
  const { synthetic } = demonstrations;
  const { workers: _w, play: _p, maxStaleness: _m, samplesPerPosition: _s, ...rules } = acting;
  return createHash('sha256')
    .update(sorted({ ...rest, synthetic, acting: rules }))
    .digest('hex');
}

function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{${fields
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${sorted(field)}`)
    .join()}}`;
}
