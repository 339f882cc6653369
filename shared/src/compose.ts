import { AlphaTensorError } from './errors.js';
import {
  checkShape,
  type Factorization,
  type FactorMatrix,
  LIMITS,
  type VerifiedFactorization,
} from './factorization.js';
import { checkSize, type Size } from './tensor.js';

/**
 * Composes two levels: the Kronecker product of two factorizations: `outer` applied to blocks, `inner` to the entries of each block.
 * <n1,m1,p1; r1> and <n2,m2,p2; r2> give <n1*n2, m1*m2, p1*p2; r1*r2>; term (r1, r2) has index r1*rank2 + r2.
 * The product of exact factorizations is exact.
 * @throws AlphaTensorError INVALID_ARGUMENT if the arithmetics differ or the product leaves LIMITS or MAX_ALGORITHM_DIMENSION
 */
export function compose(outer: VerifiedFactorization, inner: VerifiedFactorization): VerifiedFactorization;
export function compose(outer: Factorization, inner: Factorization): Factorization;
export function compose(outer: Factorization, inner: Factorization): Factorization {
  if (outer.arithmetic !== inner.arithmetic) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `Levels of ${outer.arithmetic} and of ${inner.arithmetic} arithmetic cannot be composed.`,
    );
  }
  const rank = outer.rank * inner.rank;
  if (rank > LIMITS.maxRank) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `The composed rank ${rank} is over the limit of ${LIMITS.maxRank}; use fewer recursion levels.`,
      { field: 'levels' },
    );
  }
  const [a, b] = [outer.size, inner.size];
  const size: Size = { n: a.n * b.n, m: a.m * b.m, p: a.p * b.p };
  checkSize(size);
  const composed: Factorization = {
    size,
    rank,
    arithmetic: outer.arithmetic,
    u: kronecker(outer.u, inner.u, outer.rank, inner.rank, [a.n, a.m], [b.n, b.m]),
    v: kronecker(outer.v, inner.v, outer.rank, inner.rank, [a.m, a.p], [b.m, b.p]),
    w: kronecker(outer.w, inner.w, outer.rank, inner.rank, [a.p, a.n], [b.p, b.n]),
  };
  checkShape(composed);
  return composed;
}

function kronecker(
  outer: FactorMatrix,
  inner: FactorMatrix,
  outerRank: number,
  innerRank: number,
  [outerRows, outerColumns]: readonly [number, number],
  [innerRows, innerColumns]: readonly [number, number],
): FactorMatrix {
  const outerLength = outerRows * outerColumns;
  const innerLength = innerRows * innerColumns;
  const columns = outerColumns * innerColumns;
  const coefficients = new Int32Array(outerRank * innerRank * outerLength * innerLength);
  for (let r1 = 0; r1 < outerRank; r1++) {
    for (let r2 = 0; r2 < innerRank; r2++) {
      const base = (r1 * innerRank + r2) * outerLength * innerLength;
      for (let x = 0; x < outerLength; x++) {
        const outerValue = outer.coefficients[r1 * outerLength + x];
        if (outerValue === 0) continue;
        const [i1, j1] = [Math.floor(x / outerColumns), x % outerColumns];
        for (let y = 0; y < innerLength; y++) {
          const [i2, j2] = [Math.floor(y / innerColumns), y % innerColumns];
          const index = (i1 * innerRows + i2) * columns + j1 * innerColumns + j2;
          coefficients[base + index] = outerValue * inner.coefficients[r2 * innerLength + y];
        }
      }
    }
  }
  return { coefficients, denominator: outer.denominator * inner.denominator };
}
