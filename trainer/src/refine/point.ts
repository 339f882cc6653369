import {
  AlphaTensorError,
  contentHash,
  countNonzeros,
  type Factorization,
  formatSize,
  growth,
  moduloWords,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';
import { OrbitPoint } from './orbit-point.js';

/** Holds a factorization and its figures. */
export interface RefinedPoint {
  readonly factorization: VerifiedFactorization;
  readonly growth: number;
  readonly nonzeros: number;
}

/** Computes the figures of a factorization. */
export function measured(factorization: VerifiedFactorization): RefinedPoint {
  return { factorization, growth: growth(factorization), nonzeros: countNonzeros(factorization) };
}

/** Tells whether a file can hold it under its content hash: the canonical form gathers all scale in w, which LIMITS bound. */
export function isKeepable(factorization: VerifiedFactorization): boolean {
  try {
    contentHash(factorization);
    return true;
  } catch (error) {
    if (error instanceof AlphaTensorError && error.code === 'INVALID_ARGUMENT') return false;
    throw error;
  }
}

/** Makes a point to search from. @throws AlphaTensorError INVALID_ARGUMENT for a factorization modulo 2 or 3, or with coefficients that are too large */
export function toPoint(factorization: Factorization): OrbitPoint {
  if (factorization.arithmetic !== 'standard') {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `This algorithm of ${formatSize(factorization.size)} is ${moduloWords(factorization.arithmetic)}, where nothing is rounded; only algorithms over the rationals can be refined.`,
    );
  }
  const point = OrbitPoint.from(factorization);
  if (point !== undefined) return point;
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    `The coefficients of this algorithm of ${formatSize(factorization.size)} are too large or too fine to be refined exactly.`,
  );
}
