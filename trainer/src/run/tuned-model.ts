import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AlphaTensorError, messageOf } from '@alphatensor-edge/shared';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import type { ModelProducts } from '../shapes/model-products.js';
import type { ModelProduct } from '../tune/model-problems.js';

// A tuning run of a model also keeps `model.json`: the model's products and which of them are tuned.

const MODEL_FILE = 'model.json';

const size = z.number().positive();

const tunedModel = z.object({
  format: z.literal('alphatensor-model'),
  version: z.literal(1),
  /** The model's file, as it was named. */
  model: z.string(),
  /** Sizes of its named dimensions. */
  dims: z.record(z.string(), z.number()),
  /** Multiplications and additions of all known products in one run. */
  arithmetic: z.number(),
  /** Each shape once, the largest share of the arithmetic first. */
  products: z.array(
    z.object({
      ...{ m: size, k: size, n: size, count: size },
      type: z.string(),
      arithmetic: z.number(),
      share: z.number(),
      layers: z.array(z.object({ layer: z.string(), op: z.string(), count: size })),
      /** Null: not tuned, and `leftOut` says why. */
      problem: z
        .object({ ...{ m: size, k: size, n: size }, dtype: z.enum(['f32', 'f64']), threads: z.number() })
        .nullable(),
      leftOut: z.string(),
    }),
  ),
  /** Number of products whose shape is not known. */
  unknown: z.number(),
});
export type TunedModel = z.infer<typeof tunedModel>;

/** Makes what a run keeps of a model. */
export function tunedModelOf(
  { model, dims, arithmetic, unknown }: ModelProducts,
  products: readonly ModelProduct[],
): TunedModel {
  return {
    ...{ format: 'alphatensor-model', version: 1, model, dims: { ...dims }, arithmetic, unknown: unknown.length },
    products: products.map((product) => ({ ...product, layers: [...product.layers] })),
  };
}

/** Writes the model of a run. */
export async function writeTunedModel(runDir: string, model: TunedModel): Promise<void> {
  await writeFileAtomic(join(runDir, MODEL_FILE), `${JSON.stringify(model, null, 2)}\n`);
}

/** Reads the model of a run; undefined if it has none. @throws AlphaTensorError UNSUPPORTED_FORMAT if it cannot be read */
export function readTunedModel(runDir: string): TunedModel | undefined {
  const path = join(runDir, MODEL_FILE);
  if (!existsSync(path)) return undefined;
  try {
    return tunedModel.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause).replace(/\s+/g, ' ') : messageOf(cause);
    throw new AlphaTensorError('UNSUPPORTED_FORMAT', `${MODEL_FILE} cannot be read: ${reason}`, { cause });
  }
}
