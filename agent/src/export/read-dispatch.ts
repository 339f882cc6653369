import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  AlphaTensorError,
  DISPATCH_FORMAT,
  DISPATCH_VERSION,
  type DispatchEntry,
  loadFactorization,
  messageOf,
  withTodaysNames,
} from '@alphatensor-edge/shared';
import { z } from 'zod';
import type { DispatchRule } from './dispatch-format.js';

const positive = z.number().int().positive();
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
});

const table = z.object({
  format: z.literal(DISPATCH_FORMAT),
  version: z.number(),
  variant: z.string(),
  entries: z
    .array(
      z.object({
        problem: z.object({ m: positive, k: positive, n: positive, dtype: z.enum(['f32', 'f64']), threads: positive }),
        winner: winner.nullable(),
      }),
    )
    .min(1) satisfies z.ZodType<Pick<DispatchEntry, 'problem' | 'winner'>[]>,
});

/**
 * Reads the rules of a dispatch table, with the factorization files beside it.
 * @throws AlphaTensorError NOT_FOUND, UNSUPPORTED_FORMAT, INCOMPATIBLE_VERSION; INVALID_ARGUMENT for programs that are
 * not packed
 */
export async function readDispatch(file: string): Promise<DispatchRule[]> {
  const text = await readFile(file, 'utf8').catch((error) => {
    throw new AlphaTensorError('NOT_FOUND', `${file} cannot be read (${messageOf(error)}).`, { cause: error });
  });
  const { version, variant, entries } = parse(file, text);
  if (version < 1 || version > DISPATCH_VERSION) {
    throw new AlphaTensorError(
      'INCOMPATIBLE_VERSION',
      `${file} has version ${version} of the dispatch table, but this program reads versions up to ${DISPATCH_VERSION}; use the version that wrote it.`,
    );
  }
  if (variant !== 'packed' && entries.some((entry) => entry.winner !== null)) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `${file} holds programs of the variant ${variant}, but only packed ones can become a library; tune with --variant packed.`,
      { field: '--dispatch' },
    );
  }
  return Promise.all(
    entries.map(async ({ problem, winner: chosen }): Promise<DispatchRule> => {
      if (chosen === null) return { problem, use: undefined };
      const levels = await Promise.all(chosen.levels.map((name) => loadFactorization(join(dirname(file), name))));
      return { problem, use: { levels, winner: chosen } };
    }),
  );
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
