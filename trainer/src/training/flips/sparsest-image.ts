import { MODES, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { type Dimension, shear } from '../../explore/between-sizes.js';

const DIMENSIONS: readonly Dimension[] = ['n', 'm', 'p'];

/**
 * Makes a factorization sparser by symmetries of the tensor: adds rows to rows, or subtracts them, as long as that leaves fewer nonzeros and
 * no coefficient beyond ±1. A network spells a sparse term more easily, and more of its images stay within -1, 0 and 1.
 */
export function sparsestImage(from: VerifiedFactorization): VerifiedFactorization {
  let best = from;
  for (;;) {
    const sparser = sparsestNeighbour(best);
    if (sparser === undefined) return best;
    best = sparser;
  }
}

/** Counts the nonzero coefficients of all three factors. */
export function countNonzeros(factorization: VerifiedFactorization): number {
  let count = 0;
  for (const mode of MODES) for (const x of factorization[mode].coefficients) if (x !== 0) count++;
  return count;
}

/** Gives the sparsest of the images one row operation away; undefined if none has fewer nonzeros. */
function sparsestNeighbour(from: VerifiedFactorization): VerifiedFactorization | undefined {
  const signs = from.arithmetic === 'modulo-2' ? [1] : [1, -1];
  let least = countNonzeros(from);
  let best: VerifiedFactorization | undefined;
  for (const dimension of DIMENSIONS) {
    const length = from.size[dimension];
    for (let source = 0; source < length; source++) {
      for (let target = 0; target < length; target++) {
        if (source === target) continue;
        for (const sign of signs) {
          const image = shear(from, dimension, source, target, sign);
          const nonzeros = countNonzeros(image);
          if (nonzeros >= least || !isTernary(image)) continue;
          least = nonzeros;
          best = image;
        }
      }
    }
  }
  return best;
}

function isTernary(factorization: VerifiedFactorization): boolean {
  return MODES.every((mode) => factorization[mode].coefficients.every((x) => Math.abs(x) <= 1));
}
