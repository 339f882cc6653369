import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  AlphaTensorError,
  BASELINE_WORK,
  DISPATCH_FORMAT,
  DISPATCH_VERSION,
  type DispatchEntry,
  loadFactorization,
  PACKED_WORK,
  PREFERENCES,
  readNamed,
  TRANSPOSED,
  withTodaysNames,
} from '@alphatensor-edge/shared';
import { z } from 'zod';
import type { DispatchRule, DispatchRules, DispatchUse } from './dispatch-format.js';

const positive = z.number().int().positive();
const transposed = z.enum(TRANSPOSED).optional();
/** Accepts text that can be written into C comments. */
const plainText = z.string().regex(/^[\w .+=-]{1,80}$/);

const winner = z.object({
  label: z.string(),
  speedup: z.object({ estimate: z.number().positive(), low: z.number().positive(), high: z.number().positive() }),
  fasterThanBaseline: z.boolean(),
  // Tables of older versions do not have this field.
  notClaimedBecause: z.string().default(''),
  flags: z.array(z.string()),
  levels: z.array(z.string().regex(/^[\w-]+(\/[\w-]+)*\.json$/)).min(1),
  rank: positive,
  against: plainText,
  vectorIsa: plainText,
  plan: z
    .object({
      mr: positive,
      lines: positive,
      kc: positive,
      tileRows: positive,
      tileColumns: positive,
      streamAboveBytes: z.number().int().nonnegative(),
      nearBytes: z.number().int().nonnegative().default(0),
    })
    .nullable(),
  seconds: z.number().positive().optional(),
});

const someSeconds = (count: number) => z.array(z.number().nonnegative()).length(count).readonly();
const timeModel = z.object({
  dtype: z.enum(['f32', 'f64']),
  threads: positive,
  transposed,
  seconds: someSeconds(PACKED_WORK.length),
  baselineSeconds: someSeconds(BASELINE_WORK.length),
  samples: z.number(),
  medianError: z.number().nonnegative(),
  error90: z.number().nonnegative(),
});

const table = z.object({
  format: z.literal(DISPATCH_FORMAT),
  version: z.number(),
  variant: z.string(),
  // Only what is read of them; the table holds more.
  backend: z.string().default(''),
  device: z.object({ deviceId: z.string().optional(), cpuModel: z.string().optional() }).optional(),
  // Tables of version 1 have neither, nor two choices for a problem.
  objective: z.object({ prefer: z.enum(PREFERENCES) }).optional(),
  timeModels: z.array(timeModel).default([]),
  entries: z
    .array(
      z.object({
        problem: z.object({
          ...{ m: positive, k: positive, n: positive, dtype: z.enum(['f32', 'f64']), threads: positive },
          transposed,
        }),
        winner: winner.nullable(),
        fast: winner.nullable().optional(),
        accurate: winner.nullable().optional(),
      }),
    )
    .min(1) satisfies z.ZodType<Pick<DispatchEntry, 'problem' | 'winner' | 'fast' | 'accurate'>[]>,
});

/** Holds the rules of a table, and where they were measured. */
interface TunedRules extends DispatchRules {
  /** The backend that compiled what was measured. */
  readonly backend: string;
  readonly device: z.infer<typeof table>['device'];
}

/**
 * Reads the rules of a dispatch table, with the factorization files beside it.
 * @throws AlphaTensorError NOT_FOUND, UNSUPPORTED_FORMAT, INCOMPATIBLE_VERSION; INVALID_ARGUMENT for programs that are
 * not packed
 */
export async function readDispatch(file: string): Promise<TunedRules> {
  const text = readNamed(file);
  const { version, variant, backend, device, objective, timeModels, entries } = parse(file, text);
  if (version < 1 || version > DISPATCH_VERSION) {
    throw new AlphaTensorError(
      'INCOMPATIBLE_VERSION',
      `${file} has version ${version} of the dispatch table, but this program reads versions up to ${DISPATCH_VERSION}; use the version that wrote it.`,
    );
  }
  const choices = entries.map(({ problem, winner: only, fast = only, accurate = only }) => ({
    problem,
    fast,
    accurate,
  }));
  if (variant !== 'packed' && choices.some(({ fast, accurate }) => fast !== null || accurate !== null)) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `${file} holds programs of the variant ${variant}, but only packed ones can become a library; tune with --variant packed.`,
      { field: '--dispatch' },
    );
  }
  const used = async (chosen: z.infer<typeof winner> | null): Promise<DispatchUse | undefined> => {
    if (chosen === null) return undefined;
    const paths = chosen.levels.map((name) => join(dirname(file), name));
    const missing = paths.find((path) => !existsSync(path));
    if (missing !== undefined) {
      throw new AlphaTensorError(
        'NOT_FOUND',
        `${file} needs ${missing}, which is not there; copy the folder algorithms/ with the table.`,
      );
    }
    return { levels: await Promise.all(paths.map(loadFactorization)), winner: chosen };
  };
  const rules = await Promise.all(
    choices.map(
      async ({ problem, fast, accurate }): Promise<DispatchRule> => ({
        problem,
        fast: await used(fast),
        accurate: await used(accurate),
      }),
    ),
  );
  return { rules, timeModels, prefer: objective?.prefer ?? 'fast', backend, device };
}

function parse(file: string, text: string): z.infer<typeof table> {
  try {
    return table.parse(JSON.parse(text, (_, item: unknown) => withTodaysNames(item)));
  } catch (error) {
    throw new AlphaTensorError(
      'UNSUPPORTED_FORMAT',
      `${file} is not a dispatch table; give the dispatch.json that at-trainer tune wrote.`,
      { cause: error },
    );
  }
}
