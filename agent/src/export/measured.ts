import { AlphaTensorError, readNamed } from '@alphatensor-edge/shared';
import { z } from 'zod';
import type { Measured } from './crossover.js';

const measuredSchema = z.array(
  z.object({
    m: z.number().int().positive(),
    k: z.number().int().positive(),
    n: z.number().int().positive(),
    dtype: z.enum(['f32', 'f64']),
    threads: z.number().int().positive(),
    estimate: z.number().positive(),
    low: z.number().positive(),
    high: z.number().positive(),
    // Appears in a comment and in a Markdown table.
    against: z.string().regex(/^[\w .+=-]{1,80}$/),
    relativeError: z.number().nonnegative().optional(),
    baselineRelativeError: z.number().nonnegative().optional(),
  }),
);

/**
 * Reads a list of measured speed-ups.
 * @throws AlphaTensorError NOT_FOUND, UNSUPPORTED_FORMAT
 */
export async function readMeasured(file: string): Promise<Measured[]> {
  const text = readNamed(file);
  try {
    return measuredSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new AlphaTensorError(
      'UNSUPPORTED_FORMAT',
      `${file} is not a list of measured speed-ups (objects with m, k, n, dtype, threads, estimate, low, high, against).`,
      { cause: error },
    );
  }
}
