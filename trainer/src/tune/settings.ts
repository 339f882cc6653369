import { PREFERENCES, TRANSPOSED } from '@alphatensor-edge/shared';
import { z } from 'zod';

const problem = z.object({
  m: z.number(),
  k: z.number(),
  n: z.number(),
  dtype: z.enum(['f32', 'f64']),
  threads: z.number(),
  transposed: z.enum(TRANSPOSED).optional(),
});

/** Describes the settings of a tuning run, beside the algorithms. They are kept in its config.json. */
export const tuneSettings = z.object({
  agent: z.string(),
  backend: z.string(),
  variant: z.string(),
  problems: z.array(problem).readonly(),
  levels: z.tuple([z.number(), z.number()]),
  mixed: z.boolean(),
  tunePlans: z.number(),
  seed: z.number(),
  // Runs of older versions have no bound, no preference, and tried everything.
  /** Largest multiple of the error of a plain product; null: any. */
  maxError: z.number().nullable().default(null),
  prefer: z.enum(PREFERENCES).default('fast'),
  /** How many combinations the first rung of a problem times at most. */
  candidates: z.number().default(Number.MAX_SAFE_INTEGER),
  /** The most workspace of a program, as a multiple of A, B and C; null: any, as in runs of older versions. */
  workspaceTimes: z.number().nullable().default(null),
});
export type TuneSettings = z.infer<typeof tuneSettings>;
