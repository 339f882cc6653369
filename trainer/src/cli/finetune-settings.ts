import { z } from 'zod';
import { parseTrainingConfig, type TrainingConfig } from '../config.js';
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
export const finetuneSettings = z.object({
  agents: z.array(z.string()),
  /** `NAME` or `AGENT=NAME`: see chooseBackends; what was taken is written down. */
  backends: z.array(z.string()).optional(),
  /** How the backends build a program; undefined: each its own way. */
  variant: z.string().optional(),
  lambda: z.number(),
  problems: z.array(problem),
  /** What each problem counts in the reward, in their order; undefined: all alike. */
  problemWeights: z.array(z.number().positive()).optional(),
  reportProblems: z.array(problem),
  depth: z.number(),
  rewardProtocol: protocol,
  reportProtocol: protocol,
  reportedCount: z.number(),
  /** Measure symmetries and flips of the fastest so far, too. */
  localMoves: z.boolean().optional(),
  /** The folder of the checkpoint that the run starts from. */
  checkpoint: z.string().optional(),
});
export type FinetuneSettings = z.infer<typeof finetuneSettings>;

const savedRun = z.object({
  command: z.literal('finetune'),
  startedAt: z.string(),
  training: z.unknown(),
  // Runs of older versions have one backend.
  finetune: z.preprocess(
    (settings) =>
      typeof settings === 'object' && settings !== null && 'backend' in settings
        ? { backends: [settings.backend], ...settings }
        : settings,
    finetuneSettings,
  ),
});

/** @throws AlphaTensorError INVALID_ARGUMENT for a configuration that is wrong; undefined for another command's run */
export function parseSavedRun(value: unknown): { config: TrainingConfig; settings: FinetuneSettings } | undefined {
  const saved = savedRun.safeParse(value);
  if (!saved.success) return undefined;
  return { config: parseTrainingConfig(saved.data.training), settings: saved.data.finetune };
}
