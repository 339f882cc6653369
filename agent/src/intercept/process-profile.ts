import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { z } from 'zod';

// What the library in one process writes (agent/library/blas/README.md).

const whole = z.number().int();
const seconds = z.number().nonnegative();

const product = z.object({
  symbol: z.string(),
  dtype: z.enum(['f32', 'f64']),
  layout: z.enum(['row', 'column']),
  transA: z.boolean(),
  transB: z.boolean(),
  ...{ m: whole, n: whole, k: whole, threads: whole },
  blas: whole.nullable(),
  went: z.enum(['blas', 'algorithm', 'plain']),
  reason: z.string().nullable(),
  algorithm: z.string().nullable(),
  ...{ calls: whole, seconds, leastSeconds: seconds },
  sampled: z.object({ calls: whole, seconds, blasSeconds: seconds }).nullable(),
});

const schema = z.object({
  format: z.literal('alphatensor-edge-gemm-profile'),
  version: z.literal(1),
  complete: z.boolean(),
  host: z.object({ cpu: z.string(), architecture: z.string(), cpus: whole }),
  program: z.object({ executable: z.string(), pid: whole }),
  ...{ seconds, samplingSeconds: seconds },
  // Calls with arguments that no BLAS knows have no layout; they multiply nothing.
  products: z.array(product.or(z.unknown().transform(() => undefined))),
  others: z.array(z.object({ symbol: z.string(), calls: whole, seconds })),
  libraries: z.array(z.object({ path: z.string(), config: z.string().nullable() })),
  left: z.object({ calls: whole, seconds }),
});

export type ProcessProduct = z.infer<typeof product>;

/** What one process multiplied. */
export interface ProcessProfile extends Omit<z.infer<typeof schema>, 'products'> {
  readonly products: readonly ProcessProduct[];
}

/**
 * Reads the profiles of all processes in a folder.
 * @throws AlphaTensorError UNSUPPORTED_FORMAT if one cannot be read
 */
export function readProcessProfiles(folder: string): ProcessProfile[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return files.sort().map((name) => parse(readFileSync(join(folder, name), 'utf8')));
}

function parse(text: string): ProcessProfile {
  try {
    const profile = schema.parse(JSON.parse(text));
    return { ...profile, products: profile.products.filter((one) => one !== undefined) };
  } catch (cause) {
    throw new AlphaTensorError(
      'UNSUPPORTED_FORMAT',
      'A process of the program wrote a profile that cannot be read; its library is of another version than this agent.',
      { cause },
    );
  }
}
