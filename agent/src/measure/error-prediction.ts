/**
 * The least depth of a leaf product at which the rounding of its sum outweighs that of the sums of blocks around it, which the
 * prediction leaves out.
 */
export const MIN_LEAF_DEPTH = 32;

/** Holds the measured relative error of an algorithm on zero-mean random inputs. */
export interface ErrorSample {
  /** The product of its levels' growths; 1 for the plain product. */
  readonly growth: number;
  readonly relativeError: number;
}

/**
 * Fits the constant c of error = c x growth: the geometric mean of error / growth. By arXiv 2609.26077 each level multiplies the
 * root mean square of the rounding errors of zero-mean random inputs by its growth, so c is the relative error of a leaf product.
 * It depends on the number format, on the depth of the leaf product and on how its kernel sums (in f32 with blocks of
 * depth 512 about 0.3 sqrt(min(depth, 512)) 2^-24), so all samples must have these in common with what is predicted.
 * Undefined without samples, or if one had no error, as tiny products may.
 */
export function fitErrorConstant(samples: readonly ErrorSample[]): number | undefined {
  if (samples.length === 0) return undefined;
  const logs = samples.map(({ growth, relativeError }) => Math.log(relativeError / growth));
  const constant = Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length);
  return constant > 0 && Number.isFinite(constant) ? constant : undefined;
}
