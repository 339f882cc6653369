import type { Factorization, VerifiedFactorization } from '@alphatensor-edge/shared';
import { AlphaTensorError, modeLengths } from '@alphatensor-edge/shared';
import { balanced } from './balance.js';
import { inverseOf } from './matrix.js';

/** Holds invertible matrices [n, n], [m, m] and [p, p], row-major, by which de Groote's group acts. */
export interface BasisChange {
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly z: readonly number[];
}

/**
 * Applies u -> X u Y^-1, v -> Y v Z^-1, w -> Z w X^-1, which maps factorizations of T_{n,m,p} to factorizations of it (de Groote 1978).
 * It is exact for dyadic matrices whose determinant is a power of two. The result is reconstructed exactly.
 * @throws AlphaTensorError INVALID_ARGUMENT if an entry leaves what is accepted
 */
export function changeBasis(factorization: Factorization, { x, y, z }: BasisChange): VerifiedFactorization {
  const { size, rank, u, v, w } = factorization;
  const lengths = [size.n, size.m, size.p];
  const bases = [x, y, z];
  const inverses = bases.map((basis, axis) => inverseOf(basis, lengths[axis]));
  const entries = [u, v, w].map(({ coefficients }, mode) => {
    const [rows, columns] = [lengths[mode], lengths[(mode + 1) % 3]];
    const length = modeLengths(size)[mode];
    const [left, right] = [bases[mode], inverses[(mode + 1) % 3]];
    const changed = new Float64Array(coefficients.length);
    for (let at = 0; at < coefficients.length; at++) {
      if (coefficients[at] === 0) continue;
      const start = at - (at % length);
      const [s, t] = [Math.floor((at % length) / columns), at % columns];
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          changed[start + i * columns + j] += left[i * rows + s] * coefficients[at] * right[t * columns + j];
        }
      }
    }
    return changed;
  });
  const scale = { numerator: 1, denominator: u.denominator * v.denominator * w.denominator };
  const changed = balanced(size, rank, [entries[0], entries[1], entries[2]], scale);
  if (changed !== undefined) return changed;
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    'In this basis the coefficients are too large or too fine to be kept exactly.',
  );
}
