import {
  AlphaTensorError,
  GEMM_PROFILE_FORMAT,
  GEMM_PROFILE_VERSION,
  messageOf,
  readTextBounded,
} from '@alphatensor-edge/shared';
import { z } from 'zod';

const size = z.number().int().positive();
const seconds = z.number().nonnegative();

const schema = z.object({
  format: z.literal(GEMM_PROFILE_FORMAT),
  version: z.number(),
  command: z.array(z.string()),
  device: z.object({ id: z.string(), cpu: z.string() }),
  seconds: z.number().positive(),
  products: z.array(
    z.object({
      dtype: z.enum(['f32', 'f64']),
      layout: z.enum(['row', 'column']),
      ...{ transA: z.boolean(), transB: z.boolean() },
      ...{ m: size, n: size, k: size, threads: size, calls: size, seconds },
      library: z.string().nullable(),
    }),
  ),
  others: z.array(z.object({ symbol: z.string(), calls: size, seconds })),
  left: z.object({ calls: z.number(), seconds }),
});

/** What is read of the profile of a program (shared/src/gemm-profile.ts). */
export type ReadProfile = z.infer<typeof schema>;

/**
 * Reads what at-agent profile wrote.
 * @throws AlphaTensorError NOT_FOUND, UNSUPPORTED_FORMAT, INCOMPATIBLE_VERSION
 */
export function readGemmProfile(path: string): ReadProfile {
  let text: string;
  try {
    text = readTextBounded(path);
  } catch (cause) {
    if (cause instanceof AlphaTensorError) throw cause;
    throw new AlphaTensorError(
      'NOT_FOUND',
      `The profile ${path} cannot be read (${messageOf(cause)}); write one with at-agent profile -- PROGRAM.`,
      { field: '--profile', cause },
    );
  }
  const profile = parse(path, text);
  if (profile.version === GEMM_PROFILE_VERSION) return profile;
  throw new AlphaTensorError(
    'INCOMPATIBLE_VERSION',
    `${path} has version ${profile.version} of the profile, but this program reads version ${GEMM_PROFILE_VERSION}; write it anew with at-agent profile of this version.`,
    { field: '--profile' },
  );
}

function parse(path: string, text: string): ReadProfile {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new AlphaTensorError(
      'UNSUPPORTED_FORMAT',
      `${path} is no profile of a program, or it is damaged; write it anew with at-agent profile -- PROGRAM.`,
      { field: '--profile', cause },
    );
  }
}
