import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AlphaTensorError, messageOf, TRANSPOSED } from '@alphatensor-edge/shared';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import type { ReadProfile } from '../tune/gemm-profile.js';
import type { ProgramProduct } from '../tune/profile-problems.js';

// A tuning run of a program also keeps `program.json`: the program's products and which of them are tuned.

const PROGRAM_FILE = 'program.json';

const size = z.number().positive();
const part = z.number().nonnegative();

const tunedProgram = z.object({
  format: z.literal('alphatensor-program'),
  version: z.literal(1),
  /** The file of the profile, as it was named. */
  profile: z.string(),
  command: z.array(z.string()),
  /** That the profile is from. */
  device: z.object({ id: z.string(), cpu: z.string() }),
  /** Time of the program that shares are of. */
  seconds: size,
  /** What is tuned first, then what is not; in each the most time first. */
  products: z.array(
    z.object({
      ...{ m: size, k: size, n: size },
      dtype: z.enum(['f32', 'f64']),
      ...{ threads: size, calls: size, seconds: part, share: part, shapes: size },
      leftOut: z.string(),
      transposed: z.enum(TRANSPOSED).optional(),
    }),
  ),
  /** The files of the BLAS libraries of the program that an agent can compare with; earlier runs have none. */
  libraries: z.array(z.string()).default([]),
  /** Share of the program's time in functions that no library takes. */
  othersShare: part,
});
export type TunedProgram = z.infer<typeof tunedProgram>;

/** Makes what a run keeps of a program. */
export function tunedProgramOf(
  path: string,
  { command, device, seconds, others, products: made }: ReadProfile,
  products: readonly ProgramProduct[],
): TunedProgram {
  const othersSeconds = others.reduce((sum, one) => sum + one.seconds, 0);
  return {
    ...{ format: 'alphatensor-program', version: 1, profile: path, command, device, seconds },
    products: [...products],
    libraries: librariesOf(made),
    othersShare: othersSeconds / seconds,
  };
}

/**
 * Matches the file names of the libraries that are only a BLAS, such as the OpenBLAS of NumPy's wheel. Of others, the BLAS is a part
 * (PyTorch's), or which it is is the system's choice (libblas.so.3), which an agent finds by itself.
 */
const BLAS_FILE = /\/lib(scipy_)?(openblas|blis|mkl_rt|flexiblas)[^/]*\.so(\.\d+)*$/;

/** The most time first. */
function librariesOf(products: ReadProfile['products']): string[] {
  const times = new Map<string, number>();
  for (const { library, seconds } of products) {
    if (library !== null && BLAS_FILE.test(library)) times.set(library, (times.get(library) ?? 0) + seconds);
  }
  return [...times].sort(([, a], [, b]) => b - a).map(([library]) => library);
}

/** Writes the program of a run. */
export async function writeTunedProgram(runDir: string, program: TunedProgram): Promise<void> {
  await writeFileAtomic(join(runDir, PROGRAM_FILE), `${JSON.stringify(program, null, 2)}\n`);
}

/** Reads the program of a run; undefined if it has none. @throws AlphaTensorError UNSUPPORTED_FORMAT if it cannot be read */
export function readTunedProgram(runDir: string): TunedProgram | undefined {
  const path = join(runDir, PROGRAM_FILE);
  if (!existsSync(path)) return undefined;
  try {
    return tunedProgram.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause).replace(/\s+/g, ' ') : messageOf(cause);
    throw new AlphaTensorError('UNSUPPORTED_FORMAT', `${PROGRAM_FILE} cannot be read: ${reason}`, { cause });
  }
}
