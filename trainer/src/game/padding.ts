import { modeLengths, multiplicationTensor, type Size } from '@alphatensor-edge/shared';

/**
 * A product in the modes of a larger one: A, B and C keep their rows and columns and are filled up with zeros, so that one network
 * plays several sizes (Fawzi et al., Nature 610, 2022, "Training regime": one agent for many sizes). A factorization of the padded tensor
 * is one of the small tensor once its factors are cut to the small modes, and the other way round with zeros.
 */

/** Whether `target` fits into `size` row by row and column by column. */
export function fitsInto(target: Size, size: Size): boolean {
  return target.n <= size.n && target.m <= size.m && target.p <= size.p;
}

/** T_target in the modes of `size`. Shape [n*m, m*p, p*n] of `size`, row-major. */
export function paddedTensor(target: Size, size: Size): Int8Array {
  const [places, lengths] = [placesOf(target, size), modeLengths(size)];
  const [, lengthV, lengthW] = modeLengths(target);
  const tensor = new Int8Array(lengths[0] * lengths[1] * lengths[2]);
  multiplicationTensor(target).forEach((value, index) => {
    const [a, b, c] = [Math.floor(index / (lengthV * lengthW)), Math.floor(index / lengthW) % lengthV, index % lengthW];
    tensor[(places[0][a] * lengths[1] + places[1][b]) * lengths[2] + places[2][c]] = value;
  });
  return tensor;
}

/** The factors of a term of T_target, with zeros where `size` has more rows or columns. */
export function padFactors(factors: readonly ArrayLike<number>[], target: Size, size: Size): Int32Array[] {
  const [places, lengths] = [placesOf(target, size), modeLengths(size)];
  return factors.map((factor, mode) => {
    const padded = new Int32Array(lengths[mode]);
    places[mode].forEach((place, index) => {
      padded[place] = factor[index];
    });
    return padded;
  });
}

/** The inverse of `padFactors`: what lies outside the target's rows and columns is cut off. */
export function cutFactors(factors: readonly ArrayLike<number>[], target: Size, size: Size): Int32Array[] {
  return placesOf(target, size).map((places, mode) => Int32Array.from(places, (place) => factors[mode][place]));
}

/** For each mode, where in `size` the target's entries are. */
function placesOf(target: Size, size: Size): number[][] {
  const places = (rows: number, columns: number, width: number): number[] =>
    Array.from({ length: rows * columns }, (_, index) => Math.floor(index / columns) * width + (index % columns));
  const { n, m, p } = target;
  return [places(n, m, size.m), places(m, p, size.p), places(p, n, size.n)];
}
