import { MODES, type Random, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { type Dimension, shear } from './between-sizes.js';

/** Random row operations that lead to another basis. */
const SHEARS = 6;
/** With coefficients -1, 0 and 1, the nonzero coefficients grow to this multiple at most. */
const GROWTH = 1.1;

/**
 * Gives a factorization in another basis: the image under a random element of the group of the tensor that changes the dimensions named.
 * Modulo 2 and 3 any is taken. With coefficients -1, 0 and 1, row operations that would need others, or many more of these, are left out.
 *
 * A walk modulo 2 or 3 does not notice the basis: equal factors stay equal. It matters for what is projected or merged, and with
 * coefficients -1, 0 and 1, where it decides which flips can be represented.
 */
export function randomImage(
  from: VerifiedFactorization,
  dimensions: readonly Dimension[],
  random: Random,
): VerifiedFactorization {
  const most = GROWTH * nonzeros(from);
  let image = from;
  for (let step = 0; step < SHEARS; step++) {
    const dimension = dimensions[random.int(dimensions.length)];
    const source = random.int(from.size[dimension]);
    const target = random.int(from.size[dimension]);
    const sign = random.bernoulli(0.5) ? 1 : -1;
    if (source === target) continue;
    const next = shear(image, dimension, source, target, sign);
    if (from.arithmetic !== 'standard' || (isTernary(next) && nonzeros(next) <= most)) image = next;
  }
  return image;
}

function nonzeros(from: VerifiedFactorization): number {
  return MODES.reduce(
    (sum, mode) => sum + from[mode].coefficients.reduce((count, x) => count + (x === 0 ? 0 : 1), 0),
    0,
  );
}

function isTernary(from: VerifiedFactorization): boolean {
  return MODES.every((mode) => from[mode].coefficients.every((x) => Math.abs(x) <= 1));
}
