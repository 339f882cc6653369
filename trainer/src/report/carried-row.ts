import { ARITHMETICS } from '@alphatensor-edge/shared';
import { z } from 'zod';
import { DTYPES } from '../fleet/measurement.js';

const count = z
  .number()
  .int()
  .positive()
  .max(2 ** 40);
const seconds = z.array(z.number().positive());
const ratio = z.object({ estimate: z.number(), low: z.number(), high: z.number() });

/** Describes the parts of a measurement that a report computes with; the others are shown as text. */
const measurement = z.looseObject({
  baselineSeconds: seconds,
  candidateSeconds: seconds,
  ownGemmSeconds: seconds,
  speedup: ratio.nullish(),
  ownGemmSpeedup: ratio.nullish(),
  aaControl: ratio.nullish(),
  sustainedSpeedup: ratio.nullish(),
  relativeError: z.number().nonnegative(),
  baselineRelativeError: z.number().nonnegative(),
  fasterThanBaseline: z.boolean(),
  stopReason: z.string(),
  flags: z.array(z.string()),
  peakGflops: z.number(),
  drift: z.number(),
  inputErrors: z.array(z.looseObject({})).optional(),
});

/** Describes a stored measurement in a page. */
export const carriedRow = z.looseObject({
  jobId: z.string(),
  agent: z.string(),
  deviceId: z.string(),
  device: z.looseObject({ hostname: z.string(), gpus: z.array(z.string()) }),
  backend: z.string(),
  variant: z.string(),
  algorithm: z.looseObject({
    levels: z.array(z.string()),
    label: z.string(),
    role: z.enum(['reference', 'found', 'imported']),
    origin: z.string(),
    size: z.object({ n: count, m: count, p: count }),
    rank: count,
    nonzeros: z.number().nonnegative(),
    arithmetic: z.enum(ARITHMETICS),
  }),
  problem: z.object({ m: count, k: count, n: count, dtype: z.enum(DTYPES), threads: count }),
  outcome: z.looseObject({
    kind: z.string().regex(/^OUTCOME_KIND_[A-Z_]+$/),
    message: z.string(),
    diagnostics: z.string(),
    compileSeconds: z.number(),
    workspaceBytes: z.number(),
    measurement: measurement.nullish(),
    environment: z.looseObject({ backend: z.string(), pinnedCpus: z.array(z.number()) }).nullish(),
  }),
  createdAt: z.iso.datetime(),
});
