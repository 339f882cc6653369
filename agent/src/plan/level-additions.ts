import {
  AlphaTensorError,
  countNonzeros,
  growth,
  isExactOverNumbers,
  moduloWords,
  type Size,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';
import { countAdditions } from './additions.js';
import { levelSums, planPackedLevel } from './packed.js';
import { countScalings } from './scalings.js';

/** Holds a number for each of the three transforms of a level, and their sum. */
export interface PerTransform {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly total: number;
}

/** Holds what one level costs and how it rounds. */
export interface LevelAdditions {
  readonly size: Size;
  readonly rank: number;
  readonly nonzeros: number;
  /** How it multiplies the error of a plain product (shared/growth.ts). */
  readonly growth: number;
  /** Additions and subtractions as the sums are written. */
  readonly before: PerTransform;
  /** Those of the program, in which common subexpressions are computed once. */
  readonly after: PerTransform;
  /** Multiplications of the program that no addition takes along as a multiply-add. */
  readonly scalings: PerTransform;
}

/**
 * Counts the additions of a level, as a packed program carries them out.
 * @throws AlphaTensorError INVALID_ARGUMENT for a factorization that is exact only modulo 2 or 3
 */
export function levelAdditions(level: VerifiedFactorization): LevelAdditions {
  if (!isExactOverNumbers(level)) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `It is exact ${moduloWords(level.arithmetic)} only; additions are counted for a factorization in standard arithmetic.`,
    );
  }
  const { size, rank, a, b, c } = planPackedLevel(level);
  const written = levelSums(level);
  return {
    ...{ size, rank, nonzeros: countNonzeros(level), growth: growth({ ...level, arithmetic: 'standard' }) },
    before: perTransform(countAdditions(written.a), countAdditions(written.b), countAdditions(written.c)),
    after: perTransform(a.steps.length, b.steps.length, c.steps.length),
    scalings: perTransform(countScalings(a), countScalings(b), countScalings(c)),
  };
}

function perTransform(a: number, b: number, c: number): PerTransform {
  return { a, b, c, total: a + b + c };
}
