import { z } from 'zod';
import { DTYPES } from '../fleet/measurement.js';

const problem = z.object({
  m: z.number(),
  k: z.number(),
  n: z.number(),
  dtype: z.enum(DTYPES),
  threads: z.number(),
});
/** As in the contract, 0 stands for the agent's default. */
const protocol = z.object({ budgetSeconds: z.number(), minRounds: z.number() });

/** What settles a fine-tuning run, beside the training's own configuration; kept in the run's config.json. */
const fields = z.object({
  agents: z.array(z.string()).readonly(),
  /** `NAME` or `AGENT=NAME`: see chooseBackends; what was taken is written down. */
  backends: z.array(z.string()).readonly().optional(),
  /** How the backends build a program; undefined: each its own way. */
  variant: z.string().optional(),
  lambda: z.number(),
  problems: z.array(problem).readonly(),
  /** What each problem counts in the reward, in their order; undefined: all alike. */
  problemWeights: z.array(z.number().positive()).readonly().optional(),
  reportProblems: z.array(problem).readonly(),
  depth: z.number(),
  rewardProtocol: protocol,
  reportProtocol: protocol,
  reportedCount: z.number(),
  /** Measure symmetries and flips of the fastest so far, too. */
  localMoves: z.boolean().optional(),
  /** The folder of the checkpoint that the run starts from. */
  checkpoint: z.string().optional(),
  /** In place of `backends`: runs of older versions have one. */
  backend: z.string().optional(),
});

export const finetuneSettings = fields.transform(({ backend, ...settings }) =>
  backend === undefined ? settings : { ...settings, backends: settings.backends ?? [backend] },
);
export type FinetuneSettings = z.output<typeof finetuneSettings>;
