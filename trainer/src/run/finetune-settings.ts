import { TRANSPOSED } from '@alphatensor-edge/shared';
import { z } from 'zod';
import { DTYPES } from '../fleet/measurement.js';

const problem = z.object({
  m: z.number(),
  k: z.number(),
  n: z.number(),
  dtype: z.enum(DTYPES),
  threads: z.number(),
  transposed: z.enum(TRANSPOSED).optional(),
});
/** Describes how long is measured. As in the contract, 0 stands for the agent's default. */
const protocol = z.object({ budgetSeconds: z.number(), minRounds: z.number() });

/** Describes the settings of a fine-tuning run apart from the training configuration. They are kept in the run's config.json. */
const fields = z.object({
  agents: z.array(z.string()).readonly(),
  /** Whether agents with equal hardware share the work as one device. Runs of older versions lack it: resumed, each is its own device. */
  pool: z.boolean().optional(),
  /** The chosen backends, `NAME` or `AGENT=NAME`; see chooseBackends. */
  backends: z.array(z.string()).readonly().optional(),
  /** How the backends build a program. Without it, each uses its own default. */
  variant: z.string().optional(),
  lambda: z.number(),
  /** Largest multiple of the error of a plain product; null: any. Runs of older versions have no bound. */
  maxError: z.number().nullable().optional(),
  /** Bounds the workspace of every program. Without it, none is bounded. */
  maxWorkspace: z
    .union([z.object({ bytes: z.number().positive() }), z.object({ timesMatrices: z.number().positive() })])
    .optional(),
  problems: z.array(problem).readonly(),
  /** The weight of each problem in the reward, in their order. Without it, all weigh the same. */
  problemWeights: z.array(z.number().positive()).readonly().optional(),
  reportProblems: z.array(problem).readonly(),
  depth: z.number(),
  rewardProtocol: protocol,
  reportProtocol: protocol,
  reportedCount: z.number(),
  /** Whether to measure symmetries and flips of the fastest algorithms so far, too. */
  localMoves: z.boolean().optional(),
  /** The folder of the checkpoint that the run starts from. */
  checkpoint: z.string().optional(),
  /** Runs of older versions have this in place of `backends`. */
  backend: z.string().optional(),
});

/** Reads the settings, those of older versions too. */
export const finetuneSettings = fields.transform(({ backend, ...settings }) =>
  backend === undefined ? settings : { ...settings, backends: settings.backends ?? [backend] },
);
/** Holds the settings of a fine-tuning run apart from the training configuration. */
export type FinetuneSettings = z.output<typeof finetuneSettings>;
