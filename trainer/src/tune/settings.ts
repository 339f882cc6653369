import { z } from 'zod';

const problem = z.object({
  m: z.number(),
  k: z.number(),
  n: z.number(),
  dtype: z.enum(['f32', 'f64']),
  threads: z.number(),
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
  secondsForEach: z.number().optional(),
});
export type TuneSettings = z.infer<typeof tuneSettings>;
