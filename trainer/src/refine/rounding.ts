import type { BasisChange } from './basis-change.js';

/** Says how real bases are rounded to dyadic ones. */
export interface Rounding {
  /** For each axis the order in which its basis vectors are made triangular. Every order begins with other bases of the same growth. */
  readonly orders: readonly (readonly number[])[];
  /** The share of a row's diagonal entry to whose multiples the other entries are rounded. */
  readonly grain: number;
}

/** Gives the order of the vectors as they are. */
export function plainOrders(bases: readonly (readonly number[])[]): number[][] {
  return bases.map((basis) => Array.from({ length: Math.sqrt(basis.length) }, (_, i) => i));
}

/**
 * Rounds invertible matrices to dyadic ones whose inverses are dyadic. Growth does not change under orthogonal matrices from the left, so
 * each is first made triangular in the given order of its columns. The diagonal gets powers of two, the entries to the right of each get
 * multiples of a share of it. The scale of a whole matrix changes nothing; it is chosen so that the diagonal is around 1.
 */
export function roundedBases(bases: readonly (readonly number[])[], { orders, grain }: Rounding): BasisChange {
  const [x, y, z] = bases.map((basis, axis) => {
    const order = orders[axis];
    const triangle = triangular(basis, order);
    const length = order.length;
    const diagonal = order.map((_, i) => triangle[i * (length + 1)]);
    const middle = diagonal.reduce((sum, entry) => sum + Math.log2(entry), 0) / length;
    const rounded = new Array<number>(length * length).fill(0);
    for (let i = 0; i < length; i++) {
      const power = 2 ** Math.round(Math.log2(diagonal[i]) - middle);
      for (let j = i; j < length; j++) {
        // Adding 0 turns -0 into 0.
        const share = i === j ? 1 : Math.round(triangle[i * length + j] / diagonal[i] / grain) * grain + 0;
        rounded[i * length + order[j]] = share * power;
      }
    }
    return rounded;
  });
  return { x, y, z };
}

/** Makes R upper triangular with R^T R = P^T B^T B P: the Cholesky factor, whose columns are those of B in the given order, turned. */
function triangular(basis: readonly number[], order: readonly number[]): number[] {
  const length = order.length;
  const result = new Array<number>(length * length).fill(0);
  for (let i = 0; i < length; i++) {
    for (let j = i; j < length; j++) {
      let rest = 0;
      for (let t = 0; t < length; t++) rest += basis[t * length + order[i]] * basis[t * length + order[j]];
      for (let t = 0; t < i; t++) rest -= result[t * length + i] * result[t * length + j];
      result[i * length + j] = i === j ? Math.sqrt(rest) : rest / result[i * length + i];
    }
  }
  return result;
}
