import type { BasisChange } from './basis-change.js';

/** The share of a row's diagonal entry to whose multiples the other entries are rounded. */
const GRAIN = 0.25;

/**
 * Rounds upper triangular matrices to dyadic ones whose inverses are dyadic. The diagonal gets powers of two, the entries to the right of
 * each get multiples of a quarter of it. The scale of a whole matrix changes nothing; it is chosen so that the diagonal is around 1.
 */
export function roundedBases(bases: readonly (readonly number[])[]): BasisChange {
  const [x, y, z] = bases.map((basis) => {
    const order = Math.sqrt(basis.length);
    const diagonal = Array.from({ length: order }, (_, i) => basis[i * (order + 1)]);
    const middle = diagonal.reduce((sum, entry) => sum + Math.log2(entry), 0) / order;
    return basis.map((entry, at) => {
      const row = Math.floor(at / order);
      const power = 2 ** Math.round(Math.log2(diagonal[row]) - middle);
      if (at % order === row) return power;
      // Adding 0 turns -0 into 0.
      return Math.round(entry / diagonal[row] / GRAIN) * GRAIN * power + 0;
    });
  });
  return { x, y, z };
}
